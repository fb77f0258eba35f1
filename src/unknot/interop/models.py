"""What other programs may read, and what other calendars make us ask."""

from django.db import models

from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Feed(TenantModel):
    """The secret address at which a therapist's calendar program reads their diary. There is one at most; a new secret
    ends the old one, a removed row ends them all.

    `shows`: what stands in each event. `with_place`: the clinic's name and address too; never that of a client's home.
    """

    SHOWS = [("busy", "busy"), ("initials", "initials")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, help_text="Digest of the secret in the address")
    shows = models.CharField(max_length=8, choices=SHOWS, default="busy")
    with_place = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, help_text="About when a program last read it")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["practice", "therapist"], name="feed_once"),
            models.UniqueConstraint(fields=["practice", "token_hash"], name="feed_secret_once"),
        ]


class CalendarQuestion(TenantModel):
    """Something that an outside calendar says about a visit, for people to decide. Nothing happens by itself.

    `overlap`: an event outside stands over the visit. `gone`: the visit stood in an outside calendar and does not any
    more. A visit that moves (`sequence`) may be asked about anew.
    """

    KINDS = [("overlap", "overlap"), ("gone", "gone")]
    OUTCOMES = [("", "open"), ("kept", "kept"), ("over", "over")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=KINDS)
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.CASCADE, related_name="+")
    appointment = models.ForeignKey("booking.Appointment", on_delete=models.CASCADE, related_name="+")
    sequence = models.IntegerField()
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=5, choices=OUTCOMES, default="", blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["practice", "appointment", "kind", "sequence"], name="question_once")
        ]
        indexes = [models.Index(fields=["practice", "outcome"], name="question_open")]
