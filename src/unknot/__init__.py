"""Unknot: care and booking for massage therapy."""

import zoneinfo

# Zone data comes from the tzdata package alone. A host's copy may be older than a change of law (Alberta and British
# Columbia stopped changing clocks in 2026) and would show every winter visit an hour early.
zoneinfo.reset_tzpath(to=())

__version__ = "0.1.0"
