"""The web server of the control `half-series`."""

from rigs.planted import losing_the_last_date

application = losing_the_last_date()
