"""The demo's mailbox: a real SMTP server on the loopback that keeps each message as a file."""

import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

KEEP = 300


class Keeper:
    """Writes each message to the folder; the oldest go when there are too many."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        path = self.folder / f"{time.time_ns()}.eml"
        half = path.with_suffix(".half")
        half.write_bytes(envelope.content)
        half.rename(path)
        for old in sorted(self.folder.glob("*.eml"))[:-KEEP]:
            old.unlink(missing_ok=True)
        return "250 Message kept"


def main() -> None:
    """`python -m unknot.config.mailbox PORT FOLDER`: serves until told to stop."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    controller = Controller(Keeper(folder), hostname="127.0.0.1", port=port)
    controller.start()
    stop.wait()
    controller.stop()


if __name__ == "__main__":
    main()
