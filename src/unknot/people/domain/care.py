"""People who are looked after: how old they are, and who consents for whom."""

from datetime import date

from unknot.kernel.errors import InvalidError

RELATIONS = {"child": "My child", "relative": "A relative", "cared_for": "Somebody else I look after"}
"""What a dependant is to their carer, in the carer's words."""
RELATION_TO = {"child": "parent or guardian", "relative": "relative", "cared_for": "carer"}
"""What the carer is to the dependant, in the practice's words."""
SELF, CARER = "self", "carer"
ADULT_AT = 18
"""Screening row C57: under eighteen a guardian consents. Where the law says nineteen, the therapist asks longer."""
NINETEEN = frozenset({"CA-BC", "CA-NB", "CA-NL", "CA-NS", "CA-NT", "CA-NU", "CA-YT"})
"""Where the age of majority is nineteen [K]: the provinces' and territories' own acts. Elsewhere in Canada eighteen."""
OLDEST = 125


class BadBirthDateError(InvalidError):
    """Write the birth date as a day that has been, year first: for example 2017-03-21. Nothing was saved."""

    code = "bad-birth-date"


def age_on(born_on: date, day: date) -> int:
    """Full years on a day; who was born on 29 February turns a year older on 1 March of common years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def is_minor(born_on: date, day: date) -> bool:
    """True before the eighteenth birthday."""
    return age_on(born_on, day) < ADULT_AT


def is_of_age(born_on: date, day: date, *, jurisdiction: str) -> bool:
    """True from the birthday at which the law there makes somebody an adult. `jurisdiction`: ISO 3166-2."""
    return age_on(born_on, day) >= (19 if jurisdiction in NINETEEN else ADULT_AT)


def check_birth_date(born_on: date, today: date) -> None:
    """Raises BadBirthDateError for a day to come, or one that nobody alive was born on."""
    if born_on > today or age_on(born_on, today) > OLDEST:
        raise BadBirthDateError(field="born_on")
