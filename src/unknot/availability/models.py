"""When a therapist works: rules in local wall time, and what departs from them."""

from django.db import models

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
