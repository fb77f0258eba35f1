"""Who is doing something."""

from dataclasses import dataclass, field
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
    `strong` says that the sign-in used a second factor or a passkey.
    """

    account_id: UUID | None = None
    practice_id: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    client_id: UUID | None = None
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


def system(practice_id: UUID | None = None) -> Actor:
    """The actor of jobs and commands that nobody asked for by name."""
    return Actor(practice_id=practice_id, roles=frozenset({SYSTEM}), name="Unknot", strong=True)
