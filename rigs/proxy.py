"""A small TCP proxy between the writers and the web server that breaks connections the way networks do."""

import asyncio
import contextlib
import random
import socket
import struct
from dataclasses import dataclass

KINDS = ("reset", "half-open", "slow")


@dataclass
class Proxy:
    """Relays to `target` on loopback. `fault` is what happens to answers now: "" (nothing) or one of KINDS.

    reset: the request has gone through, its answer is thrown away and the connection reset. half-open: the answer
    never comes and the connection stays. slow: it comes half a second late.
    """

    target: int
    dice: random.Random
    share: float = 0.4
    fault: str = ""
    port: int = 0
    broken: int = 0

    async def start(self) -> None:
        """Listens on a free port, kept in `port`."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        pumps = [self._pump(reader, up_writer, answers=False), self._pump(up_reader, writer, answers=True)]
        tasks = [asyncio.ensure_future(one) for one in pumps]
        try:
            with contextlib.suppress(asyncio.CancelledError):  # half-open ones live until the loop ends
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for one in (writer, up_writer):
                with contextlib.suppress(OSError, RuntimeError):
                    one.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if answers and self.fault and self.dice.random() < self.share:
                    self.broken += 1
                    if self.fault == "reset":
                        _reset(sink)
                        return
                    await asyncio.sleep(3600 if self.fault == "half-open" else 0.5)
                sink.write(data)
                await sink.drain()


def _reset(sink: asyncio.StreamWriter) -> None:
    """Closes with RST instead of FIN."""
    raw = sink.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sink.transport.abort()
