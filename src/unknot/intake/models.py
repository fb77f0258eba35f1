"""What a client told us before a visit, and what followed from it; consents."""

from django.db import models

from unknot.db.sealed import SealedField
from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Intake(TenantModel):
    """One set of answers with its guide and screening results. `visitor` ties it to a browser until a client is known.

    `answers`, `guide`, `screening` are sealed JSON: the answers with their times, and the results as `to_dict()` of the
    domain, each with its rules version so that it can be shown again. Every recording is a new row; the newest
    counts, and an older one stays what a visit was booked on.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    visitor_hash = models.CharField(max_length=64, blank=True)
    answers = SealedField(null=True)
    guide = SealedField(null=True)
    screening = SealedField(null=True)
    outcome = models.CharField(max_length=14, blank=True, help_text="Screening outcome, for the booking's gate")
    guide_version = models.CharField(max_length=20, blank=True)
    screening_version = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()
    screened_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["practice", "client", "-created_at"], name="intake_by_client"),
            models.Index(
                fields=["practice", "visitor_hash"], condition=~models.Q(visitor_hash=""), name="intake_by_visitor"
            ),
        ]


class Relaxation(TenantModel):
    """A therapist set one non-emergency screening row aside (scope row) or lifted its hold (scope hold), with a reason.

    `cap` is the Walton level the row's caps become, with scope hold only.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=8)
    scope = models.CharField(max_length=4, default="row", choices=[("row", "row"), ("hold", "hold")])
    cap = models.SmallIntegerField(null=True, blank=True)
    reason = SealedField()
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        pass


class Consent(TenantModel):
    """What a client agreed to: scope, regions, the version of the six elements shown, how and when; withdrawn in one
    tap. `given_as`: who spoke for whom; `assent`: what the person on the table said themselves, if another consents.
    """

    SCOPES = [(s, s) for s in ("treatment", "sensitive", "messages", "research", "photo")]
    GIVEN_AS = ("self", "guardian", "decision_maker")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    appointment_id = models.UUIDField(null=True, blank=True)
    scope = models.CharField(max_length=10, choices=SCOPES)
    regions = models.JSONField(default=list)
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=8, default="en")
    method = models.CharField(max_length=12, default="electronic")
    given_as = models.CharField(max_length=14, default="self", choices=[(w, w) for w in GIVEN_AS])
    assent = models.CharField(max_length=4, blank=True, default="", choices=[("told", "told"), ("yes", "yes")])
    given_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "client"], name="consent_by_client")]


class TouchWishes(TenantModel):
    """How a client wishes to be touched, covered and spoken to (sealed). Every saving is a row; the newest counts."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    content = SealedField()
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "client", "-at"], name="touch_by_client")]


class RulesVersion(TenantModel):
    """One version of a practice's screening rules: all its changes to the released rows (`base`), which row is new in
    it, who made it, why and when."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.IntegerField()
    base = models.CharField(max_length=12)
    changes = models.JSONField()
    rule = models.CharField(max_length=8)
    reason = models.TextField()
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["practice", "number"], name="rules_version_once")]


class StyleChoice(TenantModel):
    """Which style was really given at a visit, beside what the guide leaned to. Each saving is a row; the newest
    counts. For comparing lean and choice; nothing is ever trained on it."""

    append_only = True
    STYLES = [(s, s) for s in ("therapeutic", "deep", "combine", "lighter_only", "none")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment_id = models.UUIDField()
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    lean = models.CharField(max_length=14, blank=True)
    guide_version = models.CharField(max_length=20, blank=True)
    choice = models.CharField(max_length=14, choices=STYLES)
    reason = SealedField(null=True)
    by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "appointment_id"], name="choice_by_visit")]
