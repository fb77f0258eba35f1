"""The outbox: one row per message that is to leave, exactly once."""

from django.db import models

from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Message(TenantModel):
    """A message to one person. `key` (kind, appointment, offset) makes it unique; the text is made when it is sent."""

    STATES = [(s, s) for s in ("waiting", "sent", "cancelled", "failed", "unknown")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, default="email")
    account_id = models.UUIDField(null=True)
    client_id = models.UUIDField(null=True)
    appointment_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict, help_text="Ids and times that the text needs; never health facts")
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    provider_id = models.CharField(max_length=200, blank=True, help_text="The Message-ID it left with")
    reason = models.CharField(max_length=40, blank=True, help_text="A code: why it did not leave")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["practice", "key"], name="message_once")]
        indexes = [
            models.Index(fields=["practice", "appointment_id"], name="message_by_appointment"),
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="message_waiting"),  # the sweep's
        ]


class Stop(TenantModel):
    """This client wants no more optional messages of this kind."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    stopped_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["practice", "client_id", "kind"], name="stop_once")]
