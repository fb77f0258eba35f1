"""The web server of the control `drop-constraint`."""

from rigs.planted import without_locks

application = without_locks()
