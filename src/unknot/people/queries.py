"""Reads about accounts, roles and clients."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from unknot.audit import queries as audit
from unknot.db import tenancy
from unknot.kernel.actors import CLIENT, FRONT_DESK, OPERATOR, OWNER, THERAPIST, Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import digest
from unknot.kernel.zones import local
from unknot.people.domain.record_words import is_reading, said
from unknot.people.models import Account, Client, Membership, Token
from unknot.people.policies import can_see_client


@dataclass(frozen=True)
class ClientFacts:
    """Identity and contact of a client in one practice."""

    id: UUID
    account_id: UUID | None
    name: str
    preferred_name: str
    greeting: str
    email: str
    phone: str
    born_on: date | None
    reminders_by_email: bool


def actor(account_id: UUID, practice_id: UUID | None, *, strong: bool) -> Actor:
    """The account with its roles in the practice (none given: only the platform's own). The practice room adds the
    therapist.
    """
    account = Account.objects.get(pk=account_id)
    roles = {OPERATOR} if account.is_operator else set()
    client_id = None
    if practice_id is not None:
        with tenancy.scope(practice_id=practice_id, account_id=account_id):
            held = Membership.objects.filter(account_id=account_id, ended_at=None)
            roles |= set(held.values_list("role", flat=True))
            client_id = Client.objects.filter(account_id=account_id).values_list("pk", flat=True).first()
        if client_id:
            roles.add(CLIENT)
    return Actor(
        account_id=account_id,
        practice_id=practice_id,
        roles=frozenset(roles),
        client_id=client_id,
        name=account.name,
        email=account.email,
        strong=strong,
    )


def account_of_token(token: str) -> Account | None:
    """The active account of a bearer token, or None."""
    found = (
        Token.objects.filter(token_hash=digest(token), account__is_active=True)
        .filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
        .select_related("account")
        .first()
    )
    return found.account if found else None


@dataclass(frozen=True)
class Recipient:
    """Where mail for a person goes now, and whether they want reminders."""

    email: str
    reminders: bool


def recipient(*, client_id: UUID | None, account_id: UUID | None) -> Recipient | None:
    """The address of a client of the practice in scope, else of an account. None if there is none to write to."""
    if client_id is not None:
        row = Client.objects.filter(pk=client_id).select_related("account").first()
        email = (row.account.email if row.account else row.email) if row else ""
        return Recipient(email, row.reminders_by_email) if row and email else None
    person = Account.objects.filter(pk=account_id, is_active=True).first() if account_id else None
    return Recipient(person.email, True) if person else None


def account_by_email(email: str) -> Account | None:
    """The account with this address, whatever its case."""
    return Account.objects.filter(email__iexact=email.strip()).first()


def practices_of(account_id: UUID) -> list[UUID]:
    """Ids of the practices where the account is a client or staff, clients' first, stable order."""
    with tenancy.scope(account_id=account_id):
        clients = Client.across_practices.filter(account_id=account_id).order_by("created_at")
        staff = Membership.across_practices.filter(account_id=account_id, ended_at=None).order_by("id")
        found = [*clients.values_list("practice_id", flat=True), *staff.values_list("practice_id", flat=True)]
    return list(dict.fromkeys(found))


def practice_of_client(client_id: UUID, *, account_id: UUID) -> UUID | None:
    """The practice of this account where the client's record is, or None. For calls that know only the client's id.

    At most one query per practice of the account.
    """
    for practice_id in practices_of(account_id):
        with tenancy.scope(practice_id=practice_id, account_id=account_id):
            if Client.objects.filter(pk=client_id).exists():
                return practice_id
    return None


def client(client_id: UUID, *, by: Actor) -> ClientFacts:
    """One client of the practice in scope. Raises NotFoundError, also for a client the actor may not see."""
    row = Client.objects.filter(pk=client_id).first()
    if row is None or not can_see_client(by, row.pk):
        raise NotFoundError
    return _facts(row)


def clients_matching(words: str, *, by: Actor, limit: int = 20) -> list[ClientFacts]:
    """Clients whose name, e-mail or phone contains `words`, by name. Staff only, else NotFoundError."""
    if not by.has("therapist", "front_desk", "owner", "system"):
        raise NotFoundError
    found = Client.objects.filter(Q(name__icontains=words) | Q(email__icontains=words) | Q(phone__contains=words))
    return [_facts(row) for row in found.order_by("name", "id")[:limit]]


def count_clients(*, by: Actor) -> int:
    """How many clients the practice in scope has. Staff only, else NotFoundError."""
    if not by.has("therapist", "front_desk", "owner", "system"):
        raise NotFoundError
    return int(Client.objects.count())


@dataclass(frozen=True)
class RecordLine:
    """One line of "who opened my record": when, who in which role, what in plain words, how often in a row that day."""

    at: datetime
    who: str
    roles: str
    own: bool
    what: str
    reading: bool
    times: int


def record_of(client_id: UUID, *, by: Actor, zone: str, limit: int = 400) -> list[RecordLine]:
    """Who saw or changed a client's record, newest first; repeats on one local day become one line. Two queries.

    For the client and the owner, else NotFoundError.
    """
    entries = audit.entries_about(client_id, by=by, limit=limit)
    names: dict[UUID | None, str] = dict(
        Account.objects.filter(pk__in={one.actor_id for one in entries}).values_list("pk", "name")
    )
    lines: list[RecordLine] = []
    for _, group in groupby(entries, key=lambda one: (local(one.at, zone).date(), one.actor_id, one.verb)):
        same = list(group)
        last = same[0]
        lines.append(
            RecordLine(
                at=last.at,
                who=names.get(last.actor_id) or "Unknot",
                roles=_staff_roles(last.actor_roles),
                own=by.account_id is not None and last.actor_id == by.account_id,
                what=said(last.verb),
                reading=is_reading(last.verb),
                times=len(same),
            )
        )
    return lines


def _staff_roles(roles: str) -> str:
    held = set(roles.split(","))
    return ", ".join(name.replace("_", " ") for name in (THERAPIST, FRONT_DESK, OWNER, OPERATOR) if name in held)


def clients_named(ids: list[UUID]) -> dict[UUID, ClientFacts]:
    """Facts of several clients of the practice in scope, for lists whose access was already checked. One query."""
    return {row.pk: _facts(row) for row in Client.objects.filter(pk__in=ids)}


def _facts(row: Client) -> ClientFacts:
    return ClientFacts(
        id=row.pk,
        account_id=row.account_id,
        name=row.name,
        preferred_name=row.preferred_name,
        greeting=row.greeting,
        email=row.email,
        phone=row.phone,
        born_on=row.born_on,
        reminders_by_email=row.reminders_by_email,
    )
