"""The rig's own web server: the program as it is, but its clock jumps when the rig says so.

The rig writes seconds into the file that RIG_CLOCK names; every process of the web server adds them to what it believes
to be now. The database's and the worker's clocks stay right.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.utils import timezone

application = get_wsgi_application()
_right = timezone.now
_file = Path(os.environ["RIG_CLOCK"])


def crooked() -> datetime:
    """Now, as this process believes."""
    try:
        return _right() + timedelta(seconds=float(_file.read_text() or 0))
    except (OSError, ValueError):
        return _right()


timezone.now = crooked
