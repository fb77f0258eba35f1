"""Plan, session, comfort, note, aftercare, check-ins of one visit."""

from django.db import models

from unknot.db.sealed import SealedField
from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Plan(TenantModel):
    """The session plan of a visit (sealed segments); a new version for each change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment = models.ForeignKey("booking.Appointment", on_delete=models.PROTECT, related_name="+")
    version = models.SmallIntegerField(default=1)
    content = SealedField()
    rules_version = models.CharField(max_length=20)
    made_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["appointment", "version"], name="plan_version_once")]


class Session(TenantModel):
    """The hands-on time of a visit. `join_hash`: digest of the code that brings the client's phone in without an
    account.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment = models.OneToOneField("booking.Appointment", on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    join_hash = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=10, blank=True)
    end_reason = SealedField(null=True)

    class Meta(TenantModel.Meta):
        pass


class SegmentDone(TenantModel):
    """A segment as it was really done: from when to when, at which level."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    content = SealedField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["session", "key", "started_at"], name="segment_once")]


class ComfortEvent(TenantModel):
    """One tap of the client: kept for ever, in the order received. `tap_id` from the phone makes a repeated tap one."""

    SIGNALS = [(s, s) for s in ("lighter", "same", "deeper", "stop")]

    id = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    tap_id = models.UUIDField()
    signal = models.CharField(max_length=8, choices=SIGNALS)
    tapped_at = models.DateTimeField(null=True, help_text="The phone's clock, which may be wrong")
    received_at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True, help_text="For a tap that waited for the line; null: as received")
    spoken = models.BooleanField(default=False, db_default=False, help_text="Said aloud, written down by the therapist")
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["session", "tap_id"], name="tap_once")]
        indexes = [models.Index(fields=["session", "id"], name="tap_in_order")]


class SessionMark(TenantModel):
    """Something the therapist's screen wrote down, maybe without a line: kept once (`mark_id` from the device), in the
    order received, with the device's time, the time it happened by the server's reckoning, and what became of it.
    """

    KINDS = [(k, k) for k in ("move", "acknowledge", "said", "note", "end")]
    OUTCOMES = [(o, o) for o in ("done", "overtaken", "late")]

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    mark_id = models.UUIDField()
    kind = models.CharField(max_length=11, choices=KINDS)
    content = SealedField()
    outcome = models.CharField(max_length=9, choices=OUTCOMES)
    device_at = models.DateTimeField(null=True, help_text="The device's clock, which may be wrong")
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["session", "mark_id"], name="screen_mark_once")]


class Note(TenantModel):
    """A SOAP note. Once signed, `content` and `content_hash` never change (a trigger keeps it); amendments are
    added.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment = models.OneToOneField("booking.Appointment", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    content = SealedField()
    version = models.IntegerField(default=1, help_text="Rises with each saved draft; a stale form is told so")
    saved_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)

    class Meta(TenantModel.Meta):
        pass


class NoteTemplate(TenantModel):
    """Words for notes that a practice uses again; says nothing about anybody. Its texts stand in its versions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    made_at = models.DateTimeField()
    put_away_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        pass


class NoteTemplateVersion(TenantModel):
    """A template as it stood from then on; each change is a new row."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    template = models.ForeignKey(NoteTemplate, on_delete=models.PROTECT, related_name="+")
    version = models.SmallIntegerField()
    content = models.JSONField()
    made_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["template", "version"], name="template_version_once")]


class Amendment(TenantModel):
    """An addition to a signed note: author, time, reason."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    text = SealedField()
    reason = SealedField()
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        pass


class Aftercare(TenantModel):
    """What the client was told after a visit (sealed), assembled from what was done."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment = models.OneToOneField("booking.Appointment", on_delete=models.PROTECT, related_name="+")
    content = SealedField()
    rules_version = models.CharField(max_length=20)
    made_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        pass


class CheckIn(TenantModel):
    """A question set due after a visit, its answers (sealed) and what followed."""

    KINDS = [(k, k) for k in ("day_after", "day_three", "weekly")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment = models.ForeignKey("booking.Appointment", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    account_id = models.UUIDField(null=True)
    therapist_id = models.UUIDField(null=True, help_text="Who treated, and hears of it first")
    kind = models.CharField(max_length=10, choices=KINDS)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answers = SealedField(null=True)
    escalation = models.CharField(max_length=20, blank=True)
    result = SealedField(null=True)
    seen_by_therapist_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["appointment", "kind", "due_at"], name="check_in_once")]
        indexes = [models.Index(fields=["practice", "client", "due_at"], name="check_in_by_client")]
