"""The browser of the tests, for whoever works with it outside them too."""

import os
import sys
from pathlib import Path

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> Path | None:
    """The browser of the tests, where tools/browser.sh left it."""
    places = [
        os.environ.get("UNKNOT_CHROMIUM", ""),
        "/usr/bin/chromium",
        str(Path(sys.executable).with_name("chromium")),
    ]
    return next((Path(place) for place in places if place and os.access(place, os.X_OK)), None)
