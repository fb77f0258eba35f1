"""Who is doing something."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

CLIENT = "client"
THERAPIST = "therapist"
FRONT_DESK = "front_desk"
OWNER = "owner"
OPERATOR = "operator"
SYSTEM = "system"

STAFF = frozenset({THERAPIST, FRONT_DESK, OWNER})
ROLES = (CLIENT, THERAPIST, FRONT_DESK, OWNER, OPERATOR)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or the system) behind a request or a job, in one practice at most.

    `roles` are those held in `practice_id`; `client_id` and `therapist_id` are this account's own rows there.
    `dependants` are the clients there whom this account looks after and answers for, with how they are called. While
    `acting`, `client_id` is one of them and no longer the person's own. `strong` says that the sign-in used a second
    factor or a passkey.
    """

    account_id: UUID | None = None
    practice_id: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    client_id: UUID | None = None
    dependants: Mapping[UUID, str] = field(default_factory=dict, hash=False)
    acting: bool = False
    therapist_id: UUID | None = None
    name: str = ""
    email: str = ""
    strong: bool = False

    @property
    def is_anonymous(self) -> bool:
        return self.account_id is None and SYSTEM not in self.roles

    def has(self, *roles: str) -> bool:
        """True if the actor holds any of these roles here."""
        return not self.roles.isdisjoint(roles)

    def answers_for(self, client_id: UUID | None) -> bool:
        """True for the actor's own record and for those of people they look after."""
        return client_id is not None and (client_id == self.client_id or client_id in self.dependants)

    @property
    def whose(self) -> str:
        """How the person is called for whom the actor is acting, or empty."""
        return self.dependants.get(self.client_id, "") if self.acting and self.client_id else ""

    def acting_for(self, client_id: UUID) -> "Actor":
        """The same person at work for one of `dependants`, whose record takes the place of their own."""
        if client_id not in self.dependants:
            raise ValueError("not somebody this account looks after")
        return replace(self, client_id=client_id, acting=True)


def system(practice_id: UUID | None = None) -> Actor:
    """The actor of jobs and commands that nobody asked for by name."""
    return Actor(practice_id=practice_id, roles=frozenset({SYSTEM}), name="Unknot", strong=True)
