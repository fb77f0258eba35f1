"""What the client reports over time, and what was proposed from it."""

from django.db import models

from unknot.db.sealed import SealedField
from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Goal(TenantModel):
    """A goal in the client's own words, with the region it is about. `steps`: what each level from "-2" to "2" would
    look like, in their words too, as far as they said."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    words = SealedField()
    region = models.CharField(max_length=20, blank=True)
    steps = SealedField(null=True)
    set_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "client"], name="goal_by_client")]


class Measure(TenantModel):
    """One rating: which instrument, its value (sealed), the recall window, when, in what context."""

    CONTEXTS = [(c, c) for c in ("intake", "weekly", "before", "in_room", "day_after", "day_three", "review")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    appointment_id = models.UUIDField(null=True, blank=True)
    instrument = models.CharField(max_length=20)
    value = SealedField()
    window = models.CharField(max_length=20, blank=True)
    context = models.CharField(max_length=10, choices=CONTEXTS)
    taken_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "client", "instrument", "taken_at"], name="measure_by_client")]


class Proposal(TenantModel):
    """A next-visit proposal as shown, and the therapist's decision on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    content = SealedField()
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    interval_days = models.SmallIntegerField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "client", "-made_at"], name="proposal_by_client")]


class Wish(TenantModel):
    """What the client wishes for the plan, newest row first: a target for their pain, and whether to compare styles in
    turn (since when, in which random order)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    content = SealedField()
    wished_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "client", "-wished_at"], name="wish_by_client")]


class Questionnaire(TenantModel):
    """A questionnaire file that a practice brought, as it came. The newest row of a slug counts; it is asked only while
    somebody has accepted its licence and nobody switched it off."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.CharField(max_length=20)
    text = models.TextField()
    installed_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    installed_at = models.DateTimeField()
    accepted_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(max_length=300, blank=True, help_text="Licence number, letter, or why none is needed")
    off_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "slug", "-installed_at"], name="questionnaire_by_slug")]
