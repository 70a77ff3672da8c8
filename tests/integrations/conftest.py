"""What the adapters' tests share: stand-ins served over real TLS, in an environment hostile to our certificates."""

from pathlib import Path

import pytest
import trustme

from tests.sandbox.conftest import ca_file, heard, serve_tls, tls_host

__all__ = ["ca_file", "heard", "serve_tls", "tls_host"]


@pytest.fixture(scope="session")
def foreign_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle without the authority our stand-ins are signed by."""
    path = tmp_path_factory.mktemp("foreign") / "bundle.pem"
    path.write_bytes(trustme.CA().cert_pem.bytes())
    return path


@pytest.fixture(autouse=True)
def _hostile_environment(monkeypatch: pytest.MonkeyPatch, foreign_bundle: Path) -> None:
    """Both variables make requests ignore what a session was told to trust."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(foreign_bundle))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(foreign_bundle))
