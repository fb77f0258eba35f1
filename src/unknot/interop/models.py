"""What other programs may read."""

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
