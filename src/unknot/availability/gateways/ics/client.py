"""Hands a calendar file to a child process with little time and memory, and takes busy times back.

A file from a stranger may repeat every second for ever or define zones of its own, and the libraries that read it keep
what they learn for the rest of a process. So each file gets a process, without our environment, that ends with it.
"""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import unknot
from unknot.availability.domain.outside import NotACalendarError, OutsideCopy, TooBusyError

CPU_SECONDS, WALL_SECONDS, MEMORY = 8, 30, 1 << 30
_ERRORS = {one.code: one for one in (NotACalendarError, TooBusyError)}


def read(
    content: bytes, *, zone: str, since: datetime, until: datetime, ours: str, seconds: float = WALL_SECONDS
) -> OutsideCopy:
    """`read_calendar` of the domain in a child process that is ended after `seconds`. Raises NotACalendarError,
    TooBusyError.
    """
    words = [str(CPU_SECONDS), str(MEMORY), zone, since.isoformat(), until.isoformat(), ours]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "unknot.availability.gateways.ics.child", *words],
            input=content,
            capture_output=True,
            check=False,
            timeout=seconds,
            env={"PYTHONPATH": str(Path(unknot.__file__).parent.parent), "PYTHONTZPATH": "", "LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,  # no code of ours between fork and exec: a web process has threads
        )
    except subprocess.TimeoutExpired as error:
        raise TooBusyError from error
    if done.returncode != 0:
        raise TooBusyError  # out of time or memory
    told = json.loads(done.stdout)
    if "error" in told:
        raise _ERRORS.get(told["error"], NotACalendarError)
    busy = tuple((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in told["busy"])
    return OutsideCopy(busy, frozenset(told["uids"]))
