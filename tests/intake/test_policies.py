"""Who may, as a table."""

from uuid import UUID

import pytest

from unknot.intake import policies
from unknot.kernel.actors import Actor, system

OWN, OTHER = UUID(int=1), UUID(int=2)
ANYONE = Actor()
CLIENT = Actor(account_id=UUID(int=9), roles=frozenset({"client"}), client_id=OWN)
THERAPIST = Actor(account_id=UUID(int=8), roles=frozenset({"therapist"}))
DESK = Actor(account_id=UUID(int=7), roles=frozenset({"front_desk"}))
OWNER = Actor(account_id=UUID(int=6), roles=frozenset({"owner"}))
PEOPLE = (ANYONE, CLIENT, THERAPIST, DESK, OWNER, system())


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (lambda actor: policies.can_read_intake(actor, OWN), (False, True, True, False, False, True)),
        (lambda actor: policies.can_read_intake(actor, OTHER), (False, False, True, False, False, True)),
        (lambda actor: policies.can_read_intake(actor, None), (False, False, True, False, False, True)),
        (lambda actor: policies.can_record_for(actor, OWN), (False, True, True, True, True, True)),
        (lambda actor: policies.can_record_for(actor, OTHER), (False, False, True, True, True, True)),
        (policies.can_relax, (False, False, True, False, False, False)),
        (lambda actor: policies.can_consent_for(actor, OWN, method="electronic"), (False, True) + (False,) * 4),
        (lambda actor: policies.can_consent_for(actor, OWN, method="paper"), (False, True, True, False, False, False)),
        (lambda actor: policies.can_see_consents(actor, OWN), (False, True, True, False, False, True)),
        (lambda actor: policies.can_see_consents(actor, OTHER), (False, False, True, False, False, True)),
    ],
)
def test_who_may(question: object, expected: tuple[bool, ...]) -> None:
    assert callable(question)
    assert tuple(question(actor) for actor in PEOPLE) == expected
