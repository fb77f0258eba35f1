"""Writes about accounts, clients, roles and tokens."""

from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import ConflictError, InvalidError, NotFoundError
from unknot.kernel.ids import digest, new_id, new_secret
from unknot.kernel.zones import local
from unknot.notifications import actions as notifications
from unknot.notifications.queries import Kind, message_key
from unknot.people import events
from unknot.people.domain.care import CARER, RELATIONS, check_birth_date, is_minor, is_of_age
from unknot.people.domain.contact import clean_name, clean_phone, clean_preferred
from unknot.people.models import Account, Client, Membership, Token
from unknot.people.policies import can_manage_clients
from unknot.people.queries import offer_of_token, record_token

MOST_DEPENDANTS = 12


class NoContactError(InvalidError):
    """Please give an e-mail address or a phone number, so that we can reach this person."""

    code = "no-contact"


class UnknownRelationError(InvalidError):
    """Say what this person is to you: child, relative, or somebody else you look after. Nothing was saved."""

    code = "unknown-relation"


class TooManyDependantsError(ConflictError):
    """You look after as many people here as one account can. Please ask the practice. Nothing was saved."""

    code = "too-many-dependants"


class NotOfAgeError(ConflictError):
    """The law there makes them an adult later: until then you look after their record. Nothing was sent."""

    code = "not-of-age"


class SameAddressError(InvalidError):
    """That is your own address. They need one of their own, which nobody else reads. Nothing was sent."""

    code = "same-address"


class OwnRecordError(ConflictError):
    """You have a record here already. Please ask the practice to help you join the two. Nothing was changed."""

    code = "own-record"


class AlreadyClientError(ConflictError):
    """This person is a client here already."""

    code = "already-client"


def account_for(*, email: str, name: str = "") -> Account:
    """The account with this address, made if there is none. It proves nothing: the code sent by mail does."""
    found = Account.objects.filter(email__iexact=email.strip()).first()
    return found or Account.objects.create_user(email, name=clean_name(name) if name else "")


def become_client(*, by: Actor, name: str, phone: str = "", born_on: date | None = None, now: datetime) -> UUID:
    """Makes the signed-in account a client of the practice in scope (or finds that it is one) and returns the
    client's id.

    Raises InvalidError subclasses for a name or phone that can't be.
    """
    if by.account_id is None or by.practice_id is None:
        raise NotFoundError
    existing: Client | None = Client.objects.filter(account_id=by.account_id, relation="").first()
    if existing:
        return existing.id
    row: Client = Client.objects.create(
        practice_id=by.practice_id,
        account_id=by.account_id,
        name=clean_name(name),
        email=by.email,
        phone=clean_phone(phone) if phone else "",
        born_on=born_on,
    )
    Account.objects.filter(pk=by.account_id, name="").update(name=row.name)
    audit.record(by=by, verb="client.joined", subject="client", subject_id=row.pk, client_id=row.pk, now=now)
    return row.id


def add_dependant(
    *,
    by: Actor,
    name: str,
    born_on: date,
    relation: str,
    decides_alone: bool = False,
    preferred_name: str = "",
    now: datetime,
) -> UUID:
    """Somebody whom the signed-in client looks after gets a record of their own in the practice in scope; its id.

    Mail and calls go to the carer, whose own record holds their contact; so there has to be one. Who consents: the
    carer for a child, and for a grown person if `decides_alone` says that they are their decision-maker. The same
    person twice is one. Raises NotFoundError, UnknownRelationError, BadNameError, BadBirthDateError,
    TooManyDependantsError.
    """
    if by.account_id is None or by.client_id is None or by.acting:
        raise NotFoundError
    if relation not in RELATIONS:
        raise UnknownRelationError(field="relation")
    called, likes = clean_name(name), clean_preferred(preferred_name)
    check_birth_date(born_on, now.date())
    Client.objects.select_for_update().get(pk=by.client_id)  # one after the other, so that nobody is made twice
    held = list(Client.objects.filter(account_id=by.account_id).exclude(relation=""))
    for one in held:
        if (one.name, one.born_on) == (called, born_on):
            return UUID(str(one.pk))
    if len(held) >= MOST_DEPENDANTS:
        raise TooManyDependantsError
    row: Client = Client.objects.create(
        practice_id=by.practice_id,
        account_id=by.account_id,
        name=called,
        preferred_name=likes,
        email=by.email,
        born_on=born_on,
        relation=relation,
        decides=CARER if decides_alone or is_minor(born_on, now.date()) else "self",
    )
    audit.record(by=by, verb="client.dependant", subject="client", subject_id=row.pk, client_id=row.pk, now=now)
    return row.id


class Practice(Protocol):
    """What the mail about a record says of the practice."""

    @property
    def id(self) -> UUID: ...
    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def jurisdiction(self) -> str: ...


def offer_record(*, by: Actor, client_id: UUID, email: str, practice: Practice, now: datetime) -> None:
    """Who looks after somebody that has come of age invites them to take their record over: a mail with a link.

    Nothing changes until that person signs in with the address and says so (`take_record`). Raises NotFoundError,
    NotOfAgeError, NoContactError, and SameAddressError for the carer's own address.
    """
    row = Client.objects.filter(pk=client_id).exclude(relation="").first() if by.answers_for(client_id) else None
    if row is None or row.account_id != by.account_id:
        raise NotFoundError
    if not _of_age(row, practice.jurisdiction, practice.timezone, now):
        raise NotOfAgeError
    to = email.strip().lower()
    if not to:
        raise NoContactError("Give their own e-mail address: we write to them.", field="email")
    if to == by.email.lower():
        raise SameAddressError(field="email")
    path = f"/p/{practice.slug}/own-record/{record_token(row.pk, to)}/"
    _write(practice, Kind.RECORD_OFFERED, path, account_id=account_for(email=to).pk, now=now)
    audit.record(by=by, verb="client.offered", subject="client", subject_id=row.pk, client_id=row.pk, now=now)


def take_record(*, by: Actor, token: str, practice: Practice, now: datetime) -> UUID:
    """Somebody who has come of age takes their record over: from now on they alone sign in for it. Returns its id.

    Nothing in it changes; whoever looked after them reads and answers no more, and both get a mail. Doing it twice is
    doing it once. A wrong link, an old one and somebody else's get the same NotFoundError. Raises OwnRecordError for
    somebody who has a record of their own here.
    """
    offered = offer_of_token(token)
    if offered is None or by.account_id is None or by.email.lower() != offered[1]:
        raise NotFoundError
    row = Client.objects.select_for_update().filter(pk=offered[0]).first()
    if row is not None and row.account_id == by.account_id and not row.relation:
        return UUID(str(row.pk))
    if row is None or not row.relation or not _of_age(row, practice.jurisdiction, practice.timezone, now):
        raise NotFoundError
    if Client.objects.filter(account_id=by.account_id, relation="").exists():
        raise OwnRecordError
    carer_id = row.account_id
    row.account_id, row.relation, row.decides, row.email = by.account_id, "", "self", by.email.lower()
    row.save(update_fields=["account_id", "relation", "decides", "email"])
    Account.objects.filter(pk=by.account_id, name="").update(name=row.name)
    events.tell(events.RecordNews(practice.id, row.pk, by.account_id, now))
    audit.record(by=by, verb="client.grown", subject="client", subject_id=row.pk, client_id=row.pk, now=now)
    home = f"/p/{practice.slug}/my/"
    _write(practice, Kind.RECORD_YOURS, home, account_id=by.account_id, client_id=row.pk, now=now)
    _write(practice, Kind.RECORD_HANDED, home, account_id=carer_id, now=now)
    return UUID(str(row.pk))


def _of_age(row: Client, jurisdiction: str, zone: str, now: datetime) -> bool:
    today = local(now, zone).date()
    return row.born_on is not None and is_of_age(row.born_on, today, jurisdiction=jurisdiction)


def _write(
    practice: Practice,
    kind: Kind,
    path: str,
    *,
    account_id: UUID | None,
    client_id: UUID | None = None,
    now: datetime,
) -> None:
    notifications.schedule(
        practice_id=practice.id,
        key=message_key(str(new_id()), kind),
        kind=kind.value,
        due_at=now,
        account_id=account_id,
        client_id=client_id,
        facts=notifications.visit_facts(practice_name=practice.name, path=path, starts_at=now, zone=practice.timezone),
    )


def invite_client(*, by: Actor, name: str, email: str, now: datetime) -> UUID:
    """A record for somebody whom a client (or staff) brings along: the name they gave, and an address to write to.

    Nobody answers for it until that person signs in with this address (`take_over`). Returns the id. Raises
    NotFoundError, BadNameError, NoContactError.
    """
    if by.practice_id is None or not (by.client_id or can_manage_clients(by)):
        raise NotFoundError
    if not email.strip():
        raise NoContactError(
            "Give their e-mail address: we write to them, so that they answer for themselves.", field="email"
        )
    row: Client = Client.objects.create(practice_id=by.practice_id, name=clean_name(name), email=email.strip().lower())
    audit.record(by=by, verb="client.invited", subject="client", subject_id=row.pk, client_id=row.pk, now=now)
    return row.id


def take_over(*, by: Actor, client_id: UUID, now: datetime) -> UUID:
    """The signed-in person behind an invited record: it becomes theirs, or, if they have one here, theirs is used.

    Returns the client's id. The same answer, NotFoundError, for a made-up record, one that somebody signs in for
    already, and one that was sent to another address.
    """
    row: Client | None = Client.objects.select_for_update().filter(pk=client_id).first()
    own = Client.objects.filter(account_id=by.account_id, relation="").first() if by.account_id else None
    if row is not None and own is not None and row.pk == own.pk:
        return row.id
    if row is None or by.account_id is None or row.account_id is not None or row.email != by.email.lower():
        raise NotFoundError
    if own is not None:
        return UUID(str(own.pk))
    row.account_id = by.account_id
    row.save(update_fields=["account_id"])
    Account.objects.filter(pk=by.account_id, name="").update(name=row.name)
    audit.record(by=by, verb="client.joined", subject="client", subject_id=row.pk, client_id=row.pk, now=now)
    return row.id


def forget_invited(*, by: Actor, client_id: UUID, now: datetime) -> None:
    """Drops an invited record that the same person did not need, because they have one here. Changes nothing else."""
    gone = Client.objects.filter(pk=client_id, account=None, email=by.email.lower())
    if gone.exists():
        gone.delete()
        audit.record(
            by=by, verb="client.merged", subject="client", subject_id=client_id, client_id=by.client_id, now=now
        )


def add_client(*, by: Actor, name: str, email: str = "", phone: str = "", now: datetime) -> UUID:
    """Staff add a client who did not sign in (a phone booking). Returns the id. Raises NotFoundError for others than
    staff.

    The record is never tied to an account by staff: only the person's own sign-in does that.
    """
    if not can_manage_clients(by):
        raise NotFoundError
    if not email and not phone:
        raise NoContactError(field="phone")
    row: Client = Client.objects.create(
        practice_id=by.practice_id,
        name=clean_name(name),
        email=email.strip().lower(),
        phone=clean_phone(phone) if phone else "",
    )
    audit.record(by=by, verb="client.added", subject="client", subject_id=row.pk, client_id=row.pk, now=now)
    return row.id


def change_details(
    *, by: Actor, name: str, preferred_name: str, phone: str, reminders_by_email: bool, now: datetime
) -> None:
    """A client changes their own name, number, the name they like, and whether reminders come by mail.

    Visits and receipts keep what was agreed before. Raises NotFoundError, BadNameError, BadPhoneError.
    """
    row = Client.objects.select_for_update().filter(pk=by.client_id).first() if by.client_id else None
    if row is None:
        raise NotFoundError
    given = {
        "name": clean_name(name),
        "preferred_name": clean_preferred(preferred_name),
        "phone": clean_phone(phone) if phone.strip() else "",
        "reminders_by_email": reminders_by_email,
    }
    changed = [field for field, value in given.items() if getattr(row, field) != value]
    for field in changed:
        setattr(row, field, given[field])
    if changed:
        row.save(update_fields=changed)
        audit.record(
            by=by, verb="client.changed", subject="client", subject_id=row.pk, client_id=row.pk, now=now, fields=changed
        )


def make_token(*, account_id: UUID, label: str, now: datetime, days: int | None = 365) -> str:
    """A new bearer token for an account; shown once, only its hash is stored. `days` until it ends, None for never."""
    token = new_secret()
    Token.objects.create(
        account_id=account_id,
        token_hash=digest(token),
        label=label,
        expires_at=now + timedelta(days=days) if days else None,
    )
    return token


def give_role(*, by: Actor, account_id: UUID, role: str, now: datetime) -> None:
    """Gives an account a staff role in the practice in scope."""
    Membership.objects.get_or_create(
        practice_id=by.practice_id, account_id=account_id, role=role, defaults={"ended_at": None}
    )
    audit.record(by=by, verb="role.given", subject="account", subject_id=account_id, role=role, now=now)
