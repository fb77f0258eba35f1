"""The worker with a clock that jumps: `python -m rigs.crooked_worker`."""

import sys

from unknot.config import command, environment

if __name__ == "__main__":
    environment.prepare(environment.data_folder())
    from rigs import crooked_clock  # noqa: F401 - bends the clock

    sys.exit(command.main(["worker"]))
