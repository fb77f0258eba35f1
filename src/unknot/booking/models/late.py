"""Lateness on both sides: a client's late wish for another time, and a therapist who runs late."""

from django.db import models
from django.db.models import Q

from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Change(TenantModel):
    """A client's late wish for another time. While it waits, the visit keeps its time and `hold` keeps the new one.

    Both are rows of the diary, under the same constraints; `fee_floor_minor` is what the client agreed that cancelling
    costs at least once the change is accepted. People who come at once have one wish: their changes share `wish` and
    are answered as one.
    """

    STATES = [(s, s) for s in ("waiting", "accepted", "declined", "withdrawn", "expired")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.ForeignKey("booking.Appointment", on_delete=models.PROTECT, related_name="+")
    hold = models.OneToOneField("booking.Appointment", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    wish = models.UUIDField(null=True, blank=True, db_index=True, help_text="One wish of several who come at once")
    fee_floor_minor = models.IntegerField(default=0)
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.UUIDField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["visit"], condition=Q(state="waiting"), name="change_one_waiting"),
        ]
        indexes = [models.Index(fields=["practice", "state", "answer_by"], name="change_by_deadline")]


class Delay(TenantModel):
    """One tap: this therapist is so many minutes late on this local day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(help_text="Names the tap, so that pressing twice is pressing once")
    day = models.CharField(max_length=10)
    minutes = models.SmallIntegerField()
    free_from = models.DateTimeField(help_text="Before that the therapist can't begin with anybody")
    told_at = models.DateTimeField()
    told_by = models.UUIDField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True, help_text="When the wrong tap was taken back")
    undone_by = models.UUIDField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["practice", "key"], name="delay_once")]
        indexes = [models.Index(fields=["practice", "day"], name="delay_by_day")]


class LateVisit(TenantModel):
    """What a delay means for one visit: what was agreed (`was_*`), where it stood just before (`stood_*`), what the
    plan says, what its client answered.

    `starts_at` is the planned start, none if the day has no time for the visit. Without an answer the plan stands.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    delay = models.ForeignKey(Delay, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("booking.Appointment", on_delete=models.PROTECT, related_name="+")
    was_local_start = models.CharField(max_length=16)
    was_starts_at = models.DateTimeField()
    was_ends_at = models.DateTimeField()
    was_therapist = models.ForeignKey("practice.Therapist", on_delete=models.PROTECT, related_name="+")
    stood_at = models.DateTimeField(null=True, blank=True)
    stood_in = models.ForeignKey("practice.Room", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stood_unit = models.SmallIntegerField(default=0)
    starts_at = models.DateTimeField(null=True, blank=True)
    sequence = models.IntegerField(help_text="The visit's as the plan was made: a later one makes the choices stale")
    answer = models.CharField(
        max_length=10, default="", blank=True, help_text="As in `domain.late_options`, or why none"
    )
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.UUIDField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["visit"], condition=Q(answer=""), name="late_one_open")]
