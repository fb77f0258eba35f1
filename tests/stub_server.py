"""Servers of others, as small as can be: real sockets on this machine that answer as a test says."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

Handler = Callable[[socket.socket, bytes], None]


class Server:
    """Answers every connection by a function; counts them and keeps what was asked."""

    def __init__(self, handler: Handler, host: str = "127.0.0.1") -> None:
        self.handler, self.asked, self.sent = handler, [], 0
        self.socket = socket.create_server((host, 0))
        self.port: int = self.socket.getsockname()[1]
        self.url = f"http://{host}:{self.port}/"
        self.asked: list[bytes]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            self.asked.append(b"")
            request = connection.recv(65536)
            self.asked[-1] = request
            self.handler(connection, request)


def redirect(to: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()
