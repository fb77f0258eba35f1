"""Reviews of completed visits."""

from django.db import models

from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Review(TenantModel):
    """Stars and words of the client of one completed visit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment_id = models.UUIDField(unique=True)
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    stars = models.SmallIntegerField()
    words = models.TextField(blank=True)
    shown_as = models.CharField(max_length=60, help_text="First name and initial, or 'A client'")
    reply = models.TextField(blank=True)
    written_at = models.DateTimeField()
    hidden_reason = models.CharField(max_length=120, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.CheckConstraint(condition=models.Q(stars__range=(1, 5)), name="review_stars")]
        indexes = [models.Index(fields=["practice", "therapist"], name="review_by_therapist")]
