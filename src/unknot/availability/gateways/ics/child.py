"""The child process: a calendar file on standard input, busy times as JSON on standard output."""

import json
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


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:], sys.stdin.buffer.read()))
