"""Who may write a review."""

from uuid import uuid4

from unknot.kernel.actors import Actor
from unknot.reviews.policies import can_review


def test_only_who_was_on_the_table_writes_a_review() -> None:
    own, child = uuid4(), uuid4()
    carer = Actor(account_id=uuid4(), client_id=own, dependants={child: "Iris"})
    assert can_review(carer, client_id=own)
    for actor in (carer, carer.acting_for(child), Actor()):
        assert not can_review(actor, client_id=child)
        assert not can_review(actor, client_id=None)
