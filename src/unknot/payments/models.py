"""Money received by hand and the receipts for it. Issued receipts never change."""

from django.db import models

from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Payment(TenantModel):
    """An amount received for a visit. Card processors, deposits and packages come later to the same table."""

    METHODS = [(m, m) for m in ("cash", "e_transfer", "card_terminal", "cheque", "other")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment_id = models.UUIDField()
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=14, choices=METHODS)
    amount_minor = models.IntegerField(help_text="With tax, without tip")
    tip_minor = models.IntegerField(default=0)
    currency = models.CharField(max_length=3)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0, tip_minor__gte=0), name="payment_positive"),
            models.UniqueConstraint(fields=["practice", "appointment_id"], name="payment_once_per_visit"),
        ]


class Receipt(TenantModel):
    """A numbered receipt; `facts` is what it says, frozen. A mistake is voided and issued anew."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=30)
    year = models.SmallIntegerField()
    sequence = models.IntegerField()
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    account_id = models.UUIDField(null=True, help_text="The client's account, for their own list")
    facts = models.JSONField()
    facts_hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="receipt_number_once"),
            models.UniqueConstraint(fields=["practice", "year", "sequence"], name="receipt_sequence_once"),
        ]
