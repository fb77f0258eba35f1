"""One table that is only ever added to."""

import hashlib
import json

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from unknot.kernel.ids import new_id


class Entry(models.Model):
    """Who did or saw what, when. No foreign keys, so that nothing blocks on it; no health facts, ids and verbs only.

    `chain` is the SHA-256 over the previous entry of the same practice and this one: a removed or changed line shows.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    actor_roles = models.CharField(max_length=80)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    client_id = models.UUIDField(null=True, help_text="Whose record, if it is a client's")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    number = models.BigIntegerField()
    chain = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "number"], name="audit_number_once", nulls_distinct=False)
        ]
        indexes = [
            models.Index(fields=["practice_id", "client_id", "at"], name="audit_by_client"),
            # The newest of all practices, for the sweep: rows lie in the order of their time, so that this stays tiny.
            BrinIndex(fields=["at"], pages_per_range=32, autosummarize=True, name="audit_by_time"),
        ]


def link(before: str, entry: Entry) -> str:
    """The hash that ties an entry to the one before it."""
    said = [before, entry.number, entry.practice_id, entry.actor_id, entry.actor_roles, entry.verb, entry.subject_kind]
    said += [entry.subject_id, entry.client_id, entry.at.isoformat(), entry.facts]
    return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()
