"""One series, one who waits and one whose therapist is late, at the clinic: so that their pages have something to show
from the first minute.
"""

from datetime import datetime, timedelta
from uuid import UUID

from unknot.booking import actions, queries
from unknot.booking.domain.series import SeriesRule
from unknot.booking.domain.waitlist import OFFER
from unknot.booking.models import Appointment, Delay, GroupVisit, LateVisit, WaitlistEntry, WaitlistOffer
from unknot.booking.queries import Chosen, Slot
from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.actors import Actor, system
from unknot.kernel.ids import new_id
from unknot.kernel.zones import local
from unknot.practice import queries as practices

SERIES, WAITS = "colm@clients.example", "zainab@clients.example"
BUSY = "maya@clients.example"
"""Has enough going on."""
LEAD, LATE = timedelta(minutes=90), 15


def write(stage: Stage, *, now: datetime) -> None:
    """For the clinic only: a series of six that stepped around what was taken, an offer that can be taken, and a delay
    that waits for its client's answer."""
    if SERIES not in stage.clients:
        return
    with tenancy.scope(practice_id=stage.practice.id):
        _series(stage, now)
        _offer(stage, now)
        _late(stage, now)


def _free(stage: Stage, therapist: str, days: int, now: datetime) -> list[Slot]:
    """Free starts of an hour, from so many days ahead on."""
    first = local(now, stage.practice.timezone).date() + timedelta(days=days)
    return queries.open_slots(
        practice=practices.practice(stage.practice.id),
        service=practices.service_at("therapeutic-60"),
        first=first,
        last=first + timedelta(days=13),
        now=now,
        therapist_slug=therapist,
    )


def _series(stage: Stage, now: datetime) -> None:
    practice, by = practices.practice(stage.practice.id), system(stage.practice.id)
    client_id = UUID(str(stage.clients[SERIES].pk))
    free = _free(stage, "sofia-marchetti", 8, now)
    if not free:
        return
    rule = SeriesRule(datetime.fromisoformat(free[0].local_start), 2, "weeks", 6)
    wish = actions.SeriesWish(practice, "therapeutic-60", rule, "sofia-marchetti", free[0].place_slug)
    chosen: dict[int, Chosen | None] = {}
    for one in actions.preview_series(by=by, wish=wish, client_id=client_id, now=now):
        if one.slot is None:
            near = one.alternatives[0].slot if one.alternatives else None
            chosen[one.number] = Chosen(near.local_start, near.therapist_slug, near.place_slug) if near else None
    wish = actions.SeriesWish(practice, "therapeutic-60", rule, "sofia-marchetti", free[0].place_slug, chosen=chosen)
    actions.book_series(by=by, wish=wish, client_id=client_id, intake_id=None, now=now)


def _offer(stage: Stage, now: datetime) -> None:
    free = [one for one in _free(stage, "celeste-arsenault", 3, now) if one.starts_at > now + OFFER * 12]
    if not free:
        return
    slot, client = free[0], stage.clients[WAITS]
    wall = datetime.fromisoformat(slot.local_start)
    kept = actions.hold_slot(
        by=Actor(practice_id=stage.practice.id),
        practice=practices.practice(stage.practice.id),
        service_slug="therapeutic-60",
        therapist_slug=slot.therapist_slug,
        place_slug=slot.place_slug,
        local_start=slot.local_start,
        now=now,
    )
    Appointment.objects.filter(pk=kept.id).update(hold_expires_at=now + OFFER)
    entry = WaitlistEntry.objects.create(
        id=new_id(),
        practice=stage.practice,
        client=client,
        account_id=client.account_id,
        service=stage.services["therapeutic-60"],
        therapist=stage.therapists["celeste-arsenault"],
        first=wall.date(),
        last=wall.date() + timedelta(days=6),
        opens=0,
        closes=12 * 60 if wall.hour < 12 else 24 * 60,
        joined_at=now - timedelta(days=2),
    )
    WaitlistOffer.objects.create(
        practice=stage.practice,
        entry=entry,
        client_id=client.pk,
        hold_id=kept.id,
        offered_at=now,
        expires_at=now + OFFER,
    )


def _late(stage: Stage, now: datetime) -> None:
    """The next visit of somebody who can sign in was to begin a quarter of an hour earlier, and they know."""
    coming = Appointment.objects.filter(state="confirmed", starts_at__gt=now + LEAD, account_id__isnull=False)
    coming = coming.filter(client__relation="").exclude(client__account__email__in=[BUSY, SERIES, WAITS])
    coming = coming.exclude(pk__in=GroupVisit.objects.values("appointment_id"))
    row = coming.select_related("client").order_by("starts_at", "id").first()
    if row is None:
        return
    was = row.starts_at - timedelta(minutes=LATE)
    row.late_at, row.sequence = now, row.sequence + 1
    row.save(update_fields=["late_at", "sequence"])
    own = {"practice": stage.practice}
    told = Delay.objects.create(
        therapist_id=row.therapist_id,
        key=new_id(),
        day=row.local_start[:10],
        minutes=LATE,
        free_from=row.starts_at,
        told_at=now,
        **own,
    )
    LateVisit.objects.create(
        delay=told,
        visit=row,
        was_local_start=f"{local(was, row.timezone):%Y-%m-%dT%H:%M}",
        was_starts_at=was,
        was_ends_at=row.ends_at - timedelta(minutes=LATE),
        was_therapist_id=row.therapist_id,
        stood_at=was,
        stood_in_id=row.room_id,
        stood_unit=row.room_unit,
        starts_at=row.starts_at,
        sequence=row.sequence,
        answer_by=row.starts_at,
        **own,
    )
