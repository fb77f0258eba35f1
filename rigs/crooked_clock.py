"""Bends the clock of the process that imports it: the program as it is, but its clock jumps when the rig says so.

The rig writes seconds into the file that RIG_CLOCK names; every process that imported this adds them to what it
believes to be now, the program (`timezone.now`) and the comparison with the database alike. `rigs.crooked_worker`
does the same for the worker; the database's clock is bent by libfaketime, where that is installed (see `rigs.clocks`).
"""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from unknot.db import clock

_right = timezone.now
_file = Path(os.environ["RIG_CLOCK"])


def wrong_by() -> float:
    """Seconds by which this process's clock is wrong just now."""
    try:
        return float(_file.read_text() or 0)
    except (OSError, ValueError):
        return 0.0


def crooked() -> datetime:
    """Now, as this process believes."""
    return _right() + timedelta(seconds=wrong_by())


timezone.now = crooked
clock.own = lambda: time.time() + wrong_by()
