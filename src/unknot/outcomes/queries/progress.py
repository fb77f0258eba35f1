"""A client's progress: what they rated, what changed, what is proposed next."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from unknot.audit import actions as audit
from unknot.booking import queries as booking
from unknot.booking.queries import VisitFacts
from unknot.intake import queries as intake
from unknot.intake.queries import IntakeFacts
from unknot.kernel.actors import Actor
from unknot.kernel.zones import local
from unknot.outcomes import domain
from unknot.outcomes.domain import DEEP, Attended, ClientSituation, Outlook, Rated
from unknot.outcomes.models import Proposal
from unknot.outcomes.queries.facts import (
    CurrentProposal,
    MeasureFacts,
    MeasureSeries,
    ProgressView,
    SessionMark,
    Signature,
)
from unknot.outcomes.queries.questionnaires import measures_known
from unknot.outcomes.queries.records import goal_list, may_read, measures_of
from unknot.outcomes.queries.wishes import WishFacts, wish_of
from unknot.practice import queries as practice

PAIN, PAIN_WINDOW = "nprs", "average_24h"
HOLD = "hold"
STOPPING = frozenset({"not_today", "doctor_first", "urgent", "emergency"})
DEEP_LEVEL = 4  # Walton level from which work counts as deep
SIDE_NOTES = frozenset({"goal", "soreness"})  # shown with the goals, used for the proposal; no series of their own


def progress(client_id: UUID, *, by: Actor, now: datetime) -> ProgressView:
    """Everything the progress page says about one client. Raises NotFoundError. The read is recorded.

    Ratings given in the room are listed apart: they count neither for the change nor for the proposal.
    """
    client = may_read(client_id, by=by)
    audit.record(by=by, verb="progress.read", subject="client", subject_id=client_id, client_id=client_id, now=now)
    visits = booking.visits_of(client_id, by=by)
    zone = practice.practice(by.practice_id).timezone if by.practice_id else "UTC"
    measures = measures_of(client_id)
    counted = [one for one in measures if one.context != domain.IN_ROOM]
    pain = [one for one in counted if (one.instrument, one.window) == (PAIN, PAIN_WINDOW)]
    done = sorted((one for one in visits if one.state == "completed"), key=lambda one: one.starts_at)
    last = Proposal.objects.filter(client_id=client_id).order_by("-made_at", "-id").select_related("decided_by").first()
    signed = last if last is not None and _stands(last, done) else None
    wish = wish_of(client_id)
    situation = _situation(client_id, done, wish, held=_holds(last))
    view = domain.outlook(
        [Rated(one.taken_at, one.value, one.context) for one in pain],
        _attended(counted, done),
        now=now,
        zone_name=zone,
        situation=situation,
        decided=_decided(signed),
        target=wish.target,
    )
    upcoming = min((one for one in visits if _is_to_come(one, now)), key=lambda one: one.starts_at, default=None)
    return ProgressView(
        client_id=client_id,
        client_name=client.name,
        timezone=zone,
        today=local(now, zone).date(),
        ratings=_series(domain.MEASURES[PAIN], pain, zone),
        others=_others(counted, zone),
        in_room=tuple(one for one in measures if one.context == domain.IN_ROOM),
        sessions=tuple(_mark(one, zone) for one in done),
        pattern=view.pattern,
        goals=tuple(goal_list(client_id, measures)),
        proposal=_current(view, signed, done, zone),
        next_visit_at=upcoming.starts_at if upcoming else None,
        next_visit_id=upcoming.id if upcoming else None,
        wish=wish,
        may_compare=situation.deep_wanted and not situation.deep_capped,
    )


def _is_to_come(visit: VisitFacts, now: datetime) -> bool:
    return visit.starts_at > now and visit.state in ("requested", "confirmed")


def _caps_deep(told: IntakeFacts) -> bool:
    """A screening rule keeps firm pressure away from a place the client came for, or the guide said lighter only."""
    caps = (told.screening or {}).get("caps", {})
    places = told.regions or tuple(caps)
    capped = any(caps.get(one, DEEP_LEVEL) < DEEP_LEVEL for one in places)
    return capped or (told.guide or {}).get("lean") == "lighter_only"


def _holds(row: Proposal | None) -> bool:
    return row is not None and row.decided_at is None and row.content.get("kind") == HOLD


def _situation(client_id: UUID, done: list[VisitFacts], wish: WishFacts, *, held: bool) -> ClientSituation:
    """What the rule has to respect besides ratings: what the client told and wishes, and whether somebody must look."""
    told, since = intake.current_intake(client_id=client_id), wish.compare_since
    return ClientSituation(
        alternate=since is not None,
        alternation_seed=wish.seed,
        compared=sum(one.starts_at > since for one in done) if since else 0,
        deep_wanted=told is not None and (told.guide or {}).get("lean") in ("deep", "combine"),
        deep_capped=told is not None and _caps_deep(told),
        held=held or (told is not None and told.outcome in STOPPING),
        minutes=float(done[-1].minutes) if done else 60.0,
    )


def _attended(counted: list[MeasureFacts], done: list[VisitFacts]) -> list[Attended]:
    sore = {(m.appointment_id, m.context): m.value for m in counted if m.instrument == "soreness"}
    return [
        Attended(
            at=one.starts_at,
            minutes=one.minutes,
            deep=_is_deep(one),
            sore=sore.get((one.id, "day_three")),
            sore_next_day=sore.get((one.id, "day_after")),
        )
        for one in done
    ]


def _stands(row: Proposal, done: list[VisitFacts]) -> bool:
    """A decision holds until the next visit has taken place."""
    return row.decided_at is not None and not (done and row.decided_at <= done[-1].starts_at)


def _decided(row: Proposal | None) -> tuple[date, bool] | None:
    if row is None or not row.content["on"]:
        return None
    return date.fromisoformat(row.content["on"]), row.content["style"] == "deep"


def _current(view: Outlook, decided: Proposal | None, done: list[VisitFacts], zone: str) -> CurrentProposal:
    """The computed proposal, or the therapist's decision as long as no visit took place after it."""
    made, last_day = view.proposal, local(done[-1].starts_at, zone).date() if done else None
    computed = CurrentProposal(
        kind=made.kind,
        on=view.on,
        interval_days=made.interval,
        style=_word(made.style),
        computed=(view.on, _word(made.style)),
        review_talk=made.review_talk,
        why=made.why,
        sure=made.sure,
        n_ratings=made.n_ratings,
        with_session=view.with_session,
        without_session=view.without_session,
        soreness=view.soreness,
        rules_version=made.rules_version,
        seen=f"{made.kind}.{view.on or 'none'}.{made.n_ratings}.{last_day or 'none'}",
    )
    return _signed(computed, decided) if decided is not None else computed


def _signed(computed: CurrentProposal, row: Proposal) -> CurrentProposal:
    content = row.content
    day = date.fromisoformat(content["on"]) if content["on"] else None
    signature = Signature(
        by_name=row.decided_by.name if row.decided_by else "",
        at=row.decided_at or row.made_at,
        adjusted=bool(content["adjusted"]),
        reason=str(content["reason"]),
        interval_days=row.interval_days,
    )
    return replace(
        computed,
        kind=content["kind"],
        on=day,
        interval_days=row.interval_days,
        style=content["style"],
        with_session=computed.with_session if day else (),
        rules_version=content["rules_version"],
        signature=signature,
    )


def _series(measure: domain.Measure, rows: list[MeasureFacts], zone: str) -> MeasureSeries:
    instrument = measure.slug
    points = tuple((local(one.taken_at, zone).date(), one.value, one.context) for one in rows)
    change = None
    judged = [one for one in rows if one.context not in domain.NOT_MODELLED]
    if measure.transition:
        change = domain.transition(instrument, rows[-1].value) if rows else None
    elif len(judged) > 1:
        change = _change(measure, judged[0], judged[-1])
    return MeasureSeries(
        instrument=instrument,
        name=_name(measure, rows),
        low=measure.low,
        high=measure.high,
        better=measure.better,
        points=points,
        change=change,
        latest_items=tuple(rows[-1].items.items()) if rows else (),
        blanks=tuple((one.answered, one.asked) for one in rows),
        same=domain.same_zone(measure, judged[0].value) if judged and not measure.transition else None,
    )


def _change(measure: domain.Measure, first: MeasureFacts, last: MeasureFacts) -> domain.Change | None:
    """What may be said about the first and the last rating; activities are compared with themselves only."""
    if measure.slug != "psfs":
        return domain.judge(measure, first.value, last.value)
    both = [name for name in first.items if name in last.items]
    if not both:
        return None
    before, after = (sum(one.items[name] for name in both) / len(both) for one in (first, last))
    return domain.judge(measure, before, after, single_activity=len(both) == 1)


def _name(measure: domain.Measure, rows: list[MeasureFacts]) -> str:
    window = rows[-1].window if rows else ""
    return {"now": "Pain right before a visit", "worst_7d": "Worst pain of the week"}.get(window, measure.name)


def _others(counted: list[MeasureFacts], zone: str) -> tuple[MeasureSeries, ...]:
    """Every other instrument, by name. Pain over another window is not the same measure and has a series of its own."""
    by_kind: dict[tuple[str, str], list[MeasureFacts]] = defaultdict(list)
    for one in counted:
        if one.instrument not in SIDE_NOTES and (one.instrument, one.window) != (PAIN, PAIN_WINDOW):
            by_kind[one.instrument, one.window].append(one)
    measures = measures_known({instrument for instrument, _ in by_kind})
    return tuple(_series(measures[instrument], rows, zone) for (instrument, _), rows in sorted(by_kind.items()))


def _word(style: str) -> str:
    return "deep" if style == DEEP else "lighter"


def _is_deep(visit: VisitFacts) -> bool:
    return visit.service.kind == "deep_tissue"


def _mark(visit: VisitFacts, zone: str) -> SessionMark:
    return SessionMark(
        appointment_id=visit.id,
        starts_at=visit.starts_at,
        day=local(visit.starts_at, zone).date(),
        style="deep" if _is_deep(visit) else "lighter",
        minutes=visit.minutes,
        service_slug=visit.service.slug,
        service_name=visit.service.name,
        therapist_slug=visit.therapist_slug,
        therapist_name=visit.therapist_name,
        place_slug=visit.place_slug,
    )
