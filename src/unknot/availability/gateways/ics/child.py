"""The child process: a calendar file on standard input, busy times as JSON on standard output.

Its first act is to bound itself, before it reads a byte of the file.
"""

import json
import resource
import sys
from datetime import datetime

from unknot.availability.domain.outside import OutsideCopy, read_calendar
from unknot.kernel.errors import InvalidError


def main(words: list[str], content: bytes) -> str:
    """The answer for one file: `{"busy": [[start, end], ...], "uids": [...]}` or `{"error": code}`."""
    zone, since, until, ours = words
    try:
        found: OutsideCopy = read_calendar(
            content, zone=zone, since=datetime.fromisoformat(since), until=datetime.fromisoformat(until), ours=ours
        )
    except InvalidError as error:
        return json.dumps({"error": error.code})
    busy = [[start.isoformat(), end.isoformat()] for start, end in found.busy]
    return json.dumps({"busy": busy, "uids": sorted(one for one in found.uids if ours and one.endswith(ours))})


def bound(cpu_seconds: int, memory: int) -> None:
    """Limits this process for good: seconds of computing, bytes of memory, no core file."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    bound(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(main(sys.argv[3:], sys.stdin.buffer.read()))
