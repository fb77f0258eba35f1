"""The menu. Visits keep length, price, buffers and name as they were agreed; a line that was booked is put away."""

from datetime import datetime
from uuid import UUID

from django.utils.text import slugify

from unknot.audit import actions as audit
from unknot.kernel.actors import Actor
from unknot.kernel.errors import NotFoundError
from unknot.practice.actions.writing import check_stamp, edited
from unknot.practice.domain.settings import NameTakenError, ServiceSetting, SettingError
from unknot.practice.models import Kit, Offer, Service, Therapist
from unknot.practice.queries.editing import service_setting

FIELDS = (
    *("kind", "minutes", "price_minor", "description", "buffer_before", "buffer_after", "at_clinic", "at_home"),
    *("new_clients", "approval", "skill", "position", "active"),
)


def save_service(*, by: Actor, service_id: UUID | None, wish: ServiceSetting, seen: str, now: datetime) -> UUID:
    """A new line of the menu (`service_id` None) or another shape for one that is there, with who gives it. A massage
    stays a massage, an addition an addition. For the owner.

    `seen`: the stamp of what the owner saw. Raises NotFoundError, StalePageError, NameTakenError, SettingError.
    """
    practice_id = edited(by)
    wish.check()
    row = Service.objects.filter(pk=service_id).first() if service_id else Service(practice_id=practice_id)
    if row is None:
        raise NotFoundError
    if service_id:
        check_stamp(service_setting(row), seen)
    else:
        row.addon, row.slug = wish.addon, _new_slug(wish.name)
    if Service.objects.filter(name__iexact=wish.name.strip(), active=True).exclude(pk=row.pk).exists() and wish.active:
        raise NameTakenError("There is a line of that name on the menu. Nothing was saved.", field="name")
    kinds = set(Kit.objects.values_list("kind", flat=True)) | set(row.kit)
    team = set(Therapist.objects.filter(active=True).values_list("pk", flat=True))
    if not set(wish.kit) <= kinds:
        raise SettingError(field="kit")
    if not set(wish.therapists) <= team:
        raise SettingError(field="therapists")
    row.name, row.kit = wish.name.strip(), list(wish.kit)
    for name in FIELDS:
        setattr(row, name, getattr(wish, name))
    row.save()
    _give(practice_id, row, set(wish.therapists), team)
    audit.record(
        by=by,
        verb="service.changed" if service_id else "service.added",
        subject="service",
        subject_id=row.pk,
        now=now,
        minutes=row.minutes,
        price_minor=row.price_minor,
        active=row.active,
        therapists=len(wish.therapists),
    )
    return UUID(str(row.pk))


def retire_service(*, by: Actor, service_id: UUID, seen: str, used: bool, now: datetime) -> str:
    """Takes a line off the menu: "deleted" if it was never `used`, else "archived". For the owner.

    Raises NotFoundError, StalePageError.
    """
    edited(by)
    row = Service.objects.filter(pk=service_id).first()
    if row is None:
        raise NotFoundError
    check_stamp(service_setting(row), seen)
    done = "archived" if used else "deleted"
    if used:
        row.active = False
        row.save(update_fields=["active"])
    else:
        row.delete()
    audit.record(by=by, verb=f"service.{done}", subject="service", subject_id=service_id, now=now)
    return done


def _new_slug(name: str) -> str:
    wanted = slugify(name)[:50].strip("-")
    if not wanted:
        raise SettingError("Write the name with letters. Nothing was saved.", field="name")
    taken = set(Service.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    numbered = [wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 2))]
    return next(one for one in numbered if one not in taken)


def _give(practice_id: UUID, row: Service, wanted: set[UUID], team: set[UUID]) -> None:
    """Who gives it, among those who work here now; what others once gave stays as it is."""
    given = set(Offer.objects.filter(service_id=row.pk, therapist_id__in=team).values_list("therapist_id", flat=True))
    if gone := given - wanted:
        Offer.objects.filter(service_id=row.pk, therapist_id__in=gone).delete()
    for one in sorted(wanted - given):
        Offer.objects.create(practice_id=practice_id, therapist_id=one, service_id=row.pk)
