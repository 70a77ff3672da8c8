"""The sandbox's own certificate authority, and the certificate every stand-in on localhost shows."""

import ssl
from dataclasses import dataclass

import trustme


@dataclass(frozen=True)
class SandboxCa:
    """A throw-away authority; `pem` is what the product is given as `ca_file`."""

    authority: trustme.CA
    leaf: trustme.LeafCert

    @classmethod
    def make(cls) -> "SandboxCa":
        authority = trustme.CA(organization_name="Gatehouse sandbox")
        return cls(authority, authority.issue_cert("localhost", "127.0.0.1", "::1"))

    @property
    def pem(self) -> bytes:
        return self.authority.cert_pem.bytes()

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.leaf.configure_cert(context)
        return context
