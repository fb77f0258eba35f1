"""Reads about accounts, roles and clients."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.core import signing
from django.db.models import Q
from django.utils import timezone

from unknot.audit import queries as audit
from unknot.db import tenancy
from unknot.kernel.actors import CLIENT, FRONT_DESK, OPERATOR, OWNER, THERAPIST, Actor
from unknot.kernel.errors import NotFoundError
from unknot.kernel.ids import digest
from unknot.kernel.zones import local
from unknot.people.domain.care import CARER, RELATION_TO, age_on, is_minor, is_of_age
from unknot.people.domain.contact import BadPhoneError, clean_phone
from unknot.people.domain.record_words import is_reading, said
from unknot.people.models import Account, Client, Membership, Token
from unknot.people.policies import can_see_client

OFFER_DAYS = 30
_OFFER = "unknot.people.record"


@dataclass(frozen=True)
class Guardian:
    """Who looks after a client, as the practice reaches them."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True)
class ClientFacts:
    """Identity and contact of a client in one practice. With a `relation`, `guardian` is who looks after them."""

    id: UUID
    account_id: UUID | None
    name: str
    preferred_name: str
    greeting: str
    email: str
    phone: str
    born_on: date | None
    reminders_by_email: bool
    relation: str = ""
    decides: str = "self"
    guardian: Guardian | None = None

    def age_on(self, day: date) -> int | None:
        """Full years on a day, None if nobody said when they were born."""
        return age_on(self.born_on, day) if self.born_on else None

    @property
    def reached_at(self) -> str:
        """Where the practice calls: the carer's number for somebody who is looked after."""
        return self.guardian.phone if self.guardian and not self.phone else self.phone

    def may_take_over(self, day: date, *, jurisdiction: str) -> bool:
        """Whether they are looked after though the law there makes them an adult."""
        return bool(self.relation and self.born_on and is_of_age(self.born_on, day, jurisdiction=jurisdiction))

    def care_words(self, day: date) -> str:
        """Age on a day and who looks after them, for staff; empty for somebody who comes on their own."""
        if not self.relation:
            return ""
        age = self.age_on(day)
        guardian = self.guardian.name if self.guardian else "unknown"
        return f"{age} years old, {RELATION_TO[self.relation]}: {guardian}"

    def consent_words(self, day: date) -> str:
        """Who consents to care on a day, for staff; empty for somebody who decides alone."""
        if not self.relation:
            return ""
        if self.is_minor_on(day) or self.decides == CARER:
            return "Their guardian or decision-maker consents and should be present. Listen to both."
        return "They consent for themselves; who looks after them is told what they agree to share."

    def is_minor_on(self, day: date) -> bool:
        """True under eighteen, as far as anybody knows."""
        return self.born_on is not None and is_minor(self.born_on, day)


def actor(account_id: UUID, practice_id: UUID | None, *, strong: bool) -> Actor:
    """The account with its roles in the practice (none given: only the platform's own). The practice room adds the
    therapist.
    """
    account = Account.objects.get(pk=account_id)
    roles = {OPERATOR} if account.is_operator else set()
    client_id, dependants = None, {}
    if practice_id is not None:
        with tenancy.scope(practice_id=practice_id, account_id=account_id):
            held = Membership.objects.filter(account_id=account_id, ended_at=None)
            roles |= set(held.values_list("role", flat=True))
            for row in Client.objects.filter(account_id=account_id).order_by("born_on", "name"):
                if row.relation:
                    dependants[row.pk] = row.greeting
                else:
                    client_id = row.pk
        if client_id:
            roles.add(CLIENT)
    return Actor(
        account_id=account_id,
        practice_id=practice_id,
        roles=frozenset(roles),
        client_id=client_id,
        dependants=dependants,
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
    return _all_facts([row])[0]


def dependants(*, by: Actor) -> list[ClientFacts]:
    """The people whom `by` looks after in the practice in scope, oldest first. Two queries."""
    return _all_facts(list(Client.objects.filter(pk__in=by.dependants).order_by("born_on", "name")))


def record_token(client_id: UUID, email: str) -> str:
    """The signed name of an offered record, for the link in the mail. Alone it opens nothing."""
    return signing.dumps([str(client_id), email], salt=_OFFER)


def offer_of_token(token: str) -> tuple[UUID, str] | None:
    """The record and the address of a link that is ours and not too old, else None."""
    try:
        client_id, email = signing.loads(token, salt=_OFFER, max_age=timedelta(days=OFFER_DAYS))
        return UUID(client_id), str(email)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def clients_matching(words: str, *, by: Actor, limit: int = 20) -> list[ClientFacts]:
    """Clients whose name, e-mail or phone contains `words`, by name. Staff only, else NotFoundError."""
    if not by.has("therapist", "front_desk", "owner", "system"):
        raise NotFoundError
    found = Client.objects.filter(Q(name__icontains=words) | Q(email__icontains=words) | Q(phone__contains=words))
    return _all_facts(list(found.order_by("name", "id")[:limit]))


def clients_like(*, name: str, phone: str, email: str, by: Actor, limit: int = 5) -> list[ClientFacts]:
    """Clients who might be the same person: the same number or address, or the same name but for case, or the same
    first letter and last name. Staff only, else NotFoundError. One query.
    """
    if not by.has("therapist", "front_desk", "owner", "system"):
        raise NotFoundError
    words = name.split()
    same = Q(name__iexact=" ".join(words)) if words else Q(pk=None)
    if len(words) > 1:
        same |= Q(name__istartswith=words[0][0], name__iendswith=f" {words[-1]}")
    if email.strip():
        same |= Q(email__iexact=email.strip())
    with suppress(BadPhoneError):  # said when the client is added
        same |= Q(phone=clean_phone(phone)) if phone.strip() else Q(pk=None)
    return _all_facts(list(Client.objects.filter(same).order_by("name", "id")[:limit]))


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
    """Facts of several clients of the practice in scope, for lists whose access was already checked. One query, two if
    somebody looks after one of them.
    """
    return {one.id: one for one in _all_facts(list(Client.objects.filter(pk__in=ids)))}


def _all_facts(rows: list[Client]) -> list[ClientFacts]:
    """The rows as facts, with who looks after whom: the carer's own record here."""
    carers = {row.account_id for row in rows if row.relation}
    own = Client.objects.filter(account_id__in=carers, relation="") if carers else ()
    guardians = {row.account_id: Guardian(row.name, row.phone, row.email) for row in own}
    return [_facts(row, guardians.get(row.account_id) if row.relation else None) for row in rows]


def _facts(row: Client, guardian: Guardian | None) -> ClientFacts:
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
        relation=row.relation,
        decides=row.decides,
        guardian=guardian,
    )
