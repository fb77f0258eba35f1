"""Public holidays of a jurisdiction, from the `holidays` package."""

from datetime import date
from functools import lru_cache

import holidays


def public_holidays(jurisdiction: str, first: date, last: date) -> dict[date, str]:
    """The public holidays from `first` to `last`, inclusive, with their names; of a whole country if its part is not
    known, none for a country that is not.

    `jurisdiction`: ISO 3166-2, such as CA-AB, or a country alone.
    """
    found: dict[date, str] = {}
    for year in range(first.year, last.year + 1):
        found |= {day: name for day, name in _of_year(jurisdiction, year) if first <= day <= last}
    return dict(sorted(found.items()))


@lru_cache(maxsize=256)
def _of_year(jurisdiction: str, year: int) -> tuple[tuple[date, str], ...]:
    country, _, part = jurisdiction.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        return ()
    language = "en_CA" if country == "CA" else "en_US"
    subdivision = part if part in known[country] else None
    rows = holidays.country_holidays(country, subdiv=subdivision, years=year, language=language)
    return tuple(sorted((day, str(name)) for day, name in rows.items()))
