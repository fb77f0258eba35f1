"""What the edge remembers: answers to repeated requests, and counters of rate limits. No personal data."""

from django.db import models


class IdempotentAnswer(models.Model):
    """The answer given to a caller's `Idempotency-Key`, kept for a week."""

    key_hash = models.CharField(max_length=64, primary_key=True)
    request_hash = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)


class RateCounter(models.Model):
    """Requests counted in one window of time for one hashed key."""

    key_hash = models.CharField(max_length=64)
    window = models.BigIntegerField()
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_hash", "window"], name="web_rate_once")]
