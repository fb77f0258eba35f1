"""When a therapist works: rules in local wall time, what departs from them, and calendars kept elsewhere."""

from django.db import models

from unknot.db.sealed import SealedField
from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class OpeningRule(TenantModel):
    """Weekly opening at a place (or for home visits). Minutes after local midnight; `closes` may pass 1440."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey("practice.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mode = models.CharField(max_length=6, choices=[("clinic", "clinic"), ("home", "home")], default="clinic")
    weekday = models.SmallIntegerField(help_text="0 is Monday")
    opens = models.SmallIntegerField()
    closes = models.SmallIntegerField()
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__range=(0, 6)), name="opening_weekday"),
            models.CheckConstraint(
                condition=models.Q(opens__range=(0, 1440), closes__gt=models.F("opens"), closes__lte=2880),
                name="opening_minutes",
            ),
            models.CheckConstraint(
                condition=models.Q(mode="home", place__isnull=True) | models.Q(mode="clinic", place__isnull=False),
                name="opening_place",
            ),
        ]
        indexes = [models.Index(fields=["practice", "therapist"], name="opening_by_therapist")]


class Break(TenantModel):
    """A weekly break."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.CASCADE, related_name="+")
    weekday = models.SmallIntegerField()
    starts = models.SmallIntegerField()
    ends = models.SmallIntegerField()
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.CheckConstraint(condition=models.Q(ends__gt=models.F("starts")), name="break_minutes")]


class DayException(TenantModel):
    """One local day that departs from the rules: closed, extra hours, or other hours instead."""

    KINDS = [("closed", "closed"), ("extra", "extra"), ("changed", "changed")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.CASCADE, related_name="+")
    date = models.DateField()
    kind = models.CharField(max_length=8, choices=KINDS)
    mode = models.CharField(max_length=6, choices=[("clinic", "clinic"), ("home", "home")], default="clinic")
    place = models.ForeignKey("practice.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opens = models.SmallIntegerField(null=True, blank=True)
    closes = models.SmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True, help_text="For staff only")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "therapist", "date"], name="exception_by_day")]


class OutsideCalendar(TenantModel):
    """A calendar of a therapist that is kept elsewhere and read from time to time. Its events keep the therapist busy.

    `read_at`: when the copy that counts was read; `tried_at`, `failure`: how the last try ended ("" is well). `echoes`:
    visits of ours that stood in that copy; `missing`: those that stood there and do not any more, until somebody asks.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.CASCADE, related_name="+")
    address = SealedField(help_text="Secret: whoever has it reads that calendar")
    host = models.CharField(max_length=100, help_text="The address's host, to tell calendars apart")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, blank=True, help_text="The code of what went wrong at the last try")
    echoes = models.JSONField(default=list)
    missing = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "therapist"], name="outside_by_therapist")]


class OutsideBusy(TenantModel):
    """A stretch in which an outside calendar keeps its therapist busy: when, and nothing of what."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    calendar = models.ForeignKey(OutsideCalendar, on_delete=models.CASCADE, related_name="+")
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="outside_forward")
        ]
        indexes = [models.Index(fields=["practice", "therapist", "starts_at"], name="outside_busy_by_start")]


class OutsideRule(TenantModel):
    """What the practice does when an outside calendar could not be read for `hours`: offer by the old copy and warn, or
    stop offering its therapist's times. `look_again`: calendars are read once more before a kept time is confirmed.
    Without a row: warn after a day, look again.
    """

    WHEN_STALE = [("warn", "warn"), ("stop", "stop")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    when_stale = models.CharField(max_length=4, choices=WHEN_STALE, default="warn")
    hours = models.SmallIntegerField(default=24)
    look_again = models.BooleanField(default=True, db_default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["practice"], name="outside_rule_once"),
            models.CheckConstraint(condition=models.Q(hours__range=(1, 720)), name="outside_rule_hours"),
        ]
