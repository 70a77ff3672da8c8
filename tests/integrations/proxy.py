"""A CONNECT proxy, plain or behind TLS, that counts the tunnels it opened."""

import contextlib
import socket
import ssl
import threading
from typing import Self


class ConnectProxy:
    """Listens on a free port of 127.0.0.1 and tunnels to wherever it is asked."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.tunnels = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def address(self) -> str:
        scheme = "https" if self._context else "http"
        return f"{scheme}://localhost:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Closing alone would let the waiting accept take one connection more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as open_sockets:
            open_sockets.callback(client.close)
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
                open_sockets.callback(client.close)
            host, port = _read_connect(client)
            server = open_sockets.enter_context(socket.create_connection((host, port)))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.tunnels += 1
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join(timeout=30)


def _read_connect(client: socket.socket) -> tuple[str, int]:
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(4096)
    host, port = head.split()[1].decode().rsplit(":", 1)
    return host, int(port)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
