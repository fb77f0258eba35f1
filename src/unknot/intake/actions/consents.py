"""Writes of consents: given for a visit, taken back in one tap."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.db.locks import lock_all
from unknot.intake import domain, events
from unknot.intake.models import Consent
from unknot.intake.policies import can_consent_for, can_withdraw_for
from unknot.intake.queries.consents import ConsentFacts, consent_facts, who_consents
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError


class UnknownConsentError(NotFoundError):
    """There is no such consent, or none that you may change."""

    code = "unknown-consent"


def give_consent(
    *,
    by: Actor,
    client_id: UUID,
    scope: str,
    appointment_id: UUID | None = None,
    regions: Iterable[str] = (),
    text_version: str | None = None,
    method: str = "electronic",
    assent: str = "",
    now: datetime,
) -> ConsentFacts:
    """Records that a client agrees: `scope` with its sensitive `regions`, under the version of the six elements shown.

    Consent for sensitive regions belongs to one appointment. For somebody who does not consent alone, `assent` says
    what they said themselves, as their age needs it (`told`, `yes`). Giving the same again returns the one in force.
    Raises `ConsentScopeError`, `UnknownRulesVersionError`, and `UnknownConsentError` for somebody else's client.
    """
    if not can_consent_for(by, client_id, method=method) or by.account_id is None:
        raise UnknownConsentError
    places = domain.check_consent(scope=scope, regions=regions, for_one_visit=appointment_id is not None, method=method)
    version = domain.consent_text(version=text_version).version
    who = who_consents(client_id, on=now.date())
    domain.check_assent(who.band, assent)
    if who.band is None and client_id in by.dependants and method == "electronic":
        words = f"{who.name} decides for themselves: they say yes in the room, and the therapist writes it down."
        raise domain.ConsentScopeError(f"{words} Nothing was recorded.", field="scope")
    lock_all("client", [client_id])
    same = Consent.objects.filter(
        client_id=client_id, appointment_id=appointment_id, scope=scope, regions=list(places), withdrawn_at=None,
        text_version=version,
    ).first()  # fmt: skip
    if same is not None:
        return consent_facts(same)
    row = Consent.objects.create(
        practice_id=by.practice_id,
        client_id=client_id,
        appointment_id=appointment_id,
        scope=scope,
        regions=list(places),
        text_version=version,
        method=method,
        given_as=who.given_as,
        assent=assent if who.band else "",
        given_by_id=by.account_id,
        given_at=now,
    )
    audit.record(
        by=by, verb="consent.given", subject="consent", subject_id=row.pk, client_id=client_id, now=now, scope=scope
    )
    return consent_facts(row)


def withdraw_consent(*, by: Actor, consent_id: UUID, now: datetime) -> ConsentFacts:
    """Takes a consent back, at once. Doing it twice changes nothing. Raises `UnknownConsentError`.

    The client does it themselves; a therapist records what was said in the room.
    """
    row = Consent.objects.select_for_update().filter(pk=consent_id).first()
    if row is None or not can_withdraw_for(by, row.client_id):
        raise UnknownConsentError
    _withdraw(row, by=by, now=now)
    return consent_facts(row)


def withdraw_in_the_room(
    *, by: Actor, client_id: UUID, appointment_id: UUID, scope: str = "sensitive", region: str = "", now: datetime
) -> list[ConsentFacts]:
    """Takes back what was agreed to for one visit: every consent of `scope`, or those that name `region`.

    For a tap in the middle of a session, by the client, the therapist who heard it, or the phone in the room (then `by`
    is the system). Returns what was taken back; nothing in force is no error: the answer to a no is never a refusal.
    Raises `UnknownConsentError` for somebody else's client.
    """
    if not can_withdraw_for(by, client_id):
        raise UnknownConsentError
    rows = Consent.objects.select_for_update().filter(
        client_id=client_id, appointment_id=appointment_id, scope=scope, withdrawn_at=None
    )
    found = [row for row in rows.order_by("id") if not region or region in row.regions]
    for row in found:
        _withdraw(row, by=by, now=now, keep=[one for one in row.regions if region and one != region])
    return [consent_facts(row) for row in found]


def _withdraw(row: Consent, *, by: Actor, now: datetime, keep: Sequence[str] = ()) -> None:
    """Ends a consent; what it said about the regions to `keep` goes on as it was given."""
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    if keep:
        same = ("practice_id", "client_id", "appointment_id", "scope", "text_version", "language", "method",
                "given_as", "assent",
                "given_by_id", "given_at")  # fmt: skip
        Consent.objects.create(regions=list(keep), **{name: getattr(row, name) for name in same})
    audit.record(
        by=by, verb="consent.withdrawn", subject="consent", subject_id=row.pk, client_id=row.client_id, now=now,
        scope=row.scope,
    )  # fmt: skip
    gone = tuple(one for one in row.regions if one not in keep)
    news = events.NoNews(row.practice_id, row.client_id, row.appointment_id, row.scope, gone, row.pk, now)
    events.tell(news)
