"""One SSLContext per integration, and requests sessions that use it whatever the environment says."""

import ssl
import threading
import weakref
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3 import HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection

USER_AGENT = "Gatehouse/0.1"

_progress = threading.local()


@cache
def ssl_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """The system's roots, plus those in `ca_file` (PEM), read once per process: it takes some 30 ms."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


def request_left() -> bool:
    """Whether this thread's last request got as far as a finished handshake.

    Before that nothing can have been carried out; after it, nobody can tell from a cut connection.
    """
    return bool(getattr(_progress, "left", False))


def forget_request() -> None:
    """Call before each request whose fate `request_left` shall tell."""
    _progress.left = False


class _Connection(HTTPSConnection):
    """Notes the moment a request starts to leave, which is after the handshake."""

    def request(self, *args: Any, **kwargs: Any) -> None:
        _progress.left = True
        super().request(*args, **kwargs)


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class ContextAdapter(HTTPAdapter):
    """Verifies by the given context alone.

    requests lets REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE override what a session was told, and urllib3 then
    loads that bundle into the context it was given. Here neither happens, with or without a proxy.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=4, pool_maxsize=4, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _use_our_pool(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> PoolManager:
        if not proxy.lower().startswith("socks"):
            proxy_kwargs["proxy_ssl_context"] = self._context
        manager: PoolManager = super().proxy_manager_for(proxy, **proxy_kwargs)
        _use_our_pool(manager)
        return manager

    def build_connection_pool_key_attributes(self, request: Any, *_: Any, **__: Any) -> Any:
        host, _tls = super().build_connection_pool_key_attributes(request, verify=True)
        return host, {"ssl_context": self._context, "cert_reqs": "CERT_REQUIRED"}

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """The context has decided already; what `verify` would say comes from the environment."""


def _use_our_pool(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, "https": _Pool}


class _Session(requests.Session):
    """Looks for proxies in the environment once per host; requests looks at every call, a fifth of its cost."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, Any] = {}

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        host = urlsplit(url).netloc
        if host not in self._found:
            found = super().merge_environment_settings(url, proxies, stream, verify, cert)
            self._found[host] = found
        return self._found[host]


class Sessions:
    """A requests session per thread (they are not made to be shared), all with one context."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._local = threading.local()
        self._all: weakref.WeakSet[requests.Session] = weakref.WeakSet()

    def mine(self) -> requests.Session:
        """This thread's session, with its kept connections."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self.fresh()
            self._all.add(session)
        return session

    def fresh(self) -> requests.Session:
        """A session without connections; the caller closes it."""
        session = _Session()
        session.mount("https://", ContextAdapter(self._context))
        session.headers["User-Agent"] = USER_AGENT
        session.auth = _as_it_is
        session.cookies = RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[]))
        return session

    def close(self) -> None:
        """Close every thread's connections; they open again when used."""
        for session in tuple(self._all):
            session.close()


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Being there, keeps requests from putting a login out of ~/.netrc over our own headers."""
    return request
