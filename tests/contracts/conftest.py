"""What the contract suites share: stand-ins served over real TLS."""

from tests.sandbox.conftest import ca_file, heard, serve_tls, tls_host

__all__ = ["ca_file", "heard", "serve_tls", "tls_host"]
