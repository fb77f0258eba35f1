"""In which practice a thing is, for calls that know only its id."""

from uuid import UUID

from unknot.booking.models import Delay, Group, LateVisit, WaitlistEntry, WaitlistOffer
from unknot.db import tenancy
from unknot.people import queries as people
from unknot.practice import queries as practices

KINDS = {"group": Group, "entry": WaitlistEntry, "offer": WaitlistOffer, "late": LateVisit, "delay": Delay}


def find_scope(kind: str, thing_id: UUID, account_id: UUID) -> str | None:
    """The slug of the practice where this account may look for the thing, or None. `kind`: one of KINDS.

    Only practices where the account is a client or staff are asked, one query each; what it may see there is asked
    afterwards.
    """
    rows = KINDS[kind].objects
    for practice_id in people.practices_of(account_id):
        with tenancy.scope(practice_id=practice_id, account_id=account_id):
            if rows.filter(pk=thing_id).exists():
                return practices.practice(practice_id).slug
    return None
