"""Rooms and kit. What visits have used is put away, never deleted: they say where they were."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import ProtectedError
from django.utils.text import slugify

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice.actions.writing import check_stamp, edited
from unknot.practice.domain.settings import KitSetting, NameTakenError, RoomSetting, SettingError
from unknot.practice.models import Kit, Place, Room, Service
from unknot.practice.queries.editing import kit_setting, room_setting


def save_room(*, by: Actor, room_id: UUID | None, wish: RoomSetting, seen: str, now: datetime) -> UUID:
    """A new room (`room_id` None) or another shape for one that is there; its place stays. For the owner.

    `seen`: the stamp of what the owner saw. Raises NotFoundError, StalePageError, NameTakenError, SettingError.
    """
    practice_id = edited(by)
    wish.check()
    row = Room.objects.filter(pk=room_id).first() if room_id else Room(practice_id=practice_id, place_id=wish.place_id)
    if row is None or not Place.objects.filter(pk=row.place_id, kind="clinic").exists():
        raise NotFoundError
    if room_id:
        check_stamp(room_setting(row), seen)
    same = Room.objects.filter(place_id=row.place_id, name__iexact=wish.name.strip()).exclude(pk=row.pk)
    if same.exists():
        raise NameTakenError("There is a room of that name at this place. Nothing was saved.", field="name")
    row.name, row.capacity = wish.name.strip(), wish.capacity
    row.attributes, row.active = list(wish.attributes), wish.active
    row.save()
    verb = "room.changed" if room_id else "room.added"
    audit.record(by=by, verb=verb, subject="room", subject_id=row.pk, now=now, tables=wish.capacity, active=wish.active)
    return UUID(str(row.pk))


def retire_room(*, by: Actor, room_id: UUID, seen: str, now: datetime) -> str:
    """Takes a room out of use: "deleted" if no visit ever had it, else "archived". For the owner.

    Raises NotFoundError, StalePageError.
    """
    edited(by)
    row = Room.objects.filter(pk=room_id).first()
    if row is None:
        raise NotFoundError
    check_stamp(room_setting(row), seen)
    try:
        row.delete()
        done = "deleted"
    except ProtectedError:
        row.active = False
        row.save(update_fields=["active"])
        done = "archived"
    audit.record(by=by, verb=f"room.{done}", subject="room", subject_id=room_id, now=now)
    return done


def save_kit(
    *, by: Actor, kind: str, wish: KitSetting, seen: str, wanted: Mapping[int, int], now: datetime
) -> tuple[str, list[int]]:
    """How many pieces of a kind there are where, and what needs them; gives the kind (made from the name if `kind` is
    empty) and the pieces that went out of use. For the owner.

    `wanted`: how many coming visits want each piece; those wanted least go first. Raises NotFoundError, StalePageError,
    NameTakenError, SettingError.
    """
    practice_id = edited(by)
    wish.check()
    places = {None, *Place.objects.filter(kind="clinic").values_list("pk", flat=True)}
    if not {place for place, _ in wish.pieces} <= places:
        raise SettingError(field="pieces")
    found = kit_setting(kind) if kind else None
    if kind and found is None:
        raise NotFoundError
    if found is not None:
        check_stamp(found, seen)
    else:
        kind = _new_kind(wish.name)
    gone: list[int] = []
    counts = dict(wish.pieces)
    Kit.objects.filter(kind=kind).update(name=wish.name.strip())
    for place_id in places:
        gone += _count(practice_id, kind, wish.name.strip(), place_id, counts.get(place_id, 0), wanted)
    for one in Service.objects.select_for_update(no_key=True).order_by("pk"):
        needs = sorted({*one.kit, kind} if one.pk in wish.services else {*one.kit} - {kind})
        if needs != sorted(one.kit):
            one.kit = needs
            one.save(update_fields=["kit"])
    audit.record(
        by=by,
        verb="kit.changed" if found is not None else "kit.added",
        subject="practice",
        subject_id=practice_id,
        now=now,
        kind=kind,
        pieces=sum(counts.values()),
        services=len(wish.services),
    )
    return kind, gone


def _new_kind(name: str) -> str:
    kind = slugify(name)[:30].strip("-")
    if not kind:
        raise SettingError("Write the name with letters. Nothing was saved.", field="name")
    if Kit.objects.filter(kind=kind).exists():
        raise NameTakenError("There is kit of that name already. Nothing was saved.", field="name")
    return kind


def _count(
    practice_id: UUID, kind: str, name: str, place_id: UUID | None, count: int, wanted: Mapping[int, int]
) -> list[int]:
    """Brings a place to `count` pieces; gives those that went out of use."""
    rows = list(Kit.objects.filter(kind=kind, place_id=place_id).order_by("id"))
    there = [one for one in rows if one.active]
    spare = [one for one in rows if not one.active]
    if len(there) > count:
        there.sort(key=lambda one: (wanted.get(one.pk, 0), -one.pk))
        gone = [one.pk for one in there[: len(there) - count]]
        Kit.objects.filter(pk__in=gone).update(active=False)
        return gone
    missing = count - len(there)
    Kit.objects.filter(pk__in=[one.pk for one in spare[:missing]]).update(active=True)
    for _ in range(missing - len(spare)):
        Kit.objects.create(practice_id=practice_id, kind=kind, name=name, place_id=place_id)
    return []
