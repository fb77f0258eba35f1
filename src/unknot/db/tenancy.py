"""Tenant walls: the practice of a piece of work, in the database and in the code.

The database keeps the first fence: forced row-level security over the transaction-local settings `unknot.practice` and
`unknot.account`. `TenantModel.objects` is the second: it adds the practice to every query and refuses to run without a
scope.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction

from unknot.db import clock


class UnscopedQueryError(RuntimeError):
    """A tenant table was queried outside a scope: a defect in the program, never the person's fault."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be seen: one practice's, and those that belong to one account."""

    practice_id: UUID | None = None
    account_id: UUID | None = None


_current: ContextVar[Scope | None] = ContextVar("unknot_scope", default=None)


def current() -> Scope | None:
    """The scope in force, or None."""
    return _current.get()


@contextmanager
def scope(*, practice_id: UUID | None = None, account_id: UUID | None = None) -> Iterator[Scope]:
    """One transaction (or savepoint) whose queries see only this practice's rows, or this account's own rows.

    Leaving normally commits (or releases), an exception rolls back. Scopes nest; the outer one is restored. Raises
    ClockWrongError if this process's clock is not the database's.
    """
    before = _current.get()
    now = Scope(practice_id, account_id)
    with transaction.atomic():
        _tell(now)
        token = _current.set(now)
        try:
            yield now
        finally:
            _current.reset(token)
        _tell(before or Scope())


def _tell(scope: Scope) -> None:
    asked = clock.own()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('unknot.practice', %s, true), set_config('unknot.account', %s, true), "
            "extract(epoch FROM clock_timestamp())::float8",
            [str(scope.practice_id or ""), str(scope.account_id or "")],
        )
        if settings.UNKNOT_CLOCK_TOLERANCE:
            clock.check(asked, cursor.fetchone()[2])


class TenantManager(models.Manager[Any]):
    """Every query names the practice in force; without one it refuses."""

    def get_queryset(self) -> "models.QuerySet[Any]":
        now = _current.get()
        if now is None or now.practice_id is None:
            raise UnscopedQueryError(f"{self.model.__name__} was queried outside a practice's scope")
        return super().get_queryset().filter(practice_id=now.practice_id)


class TenantModel(models.Model):
    """A table whose every row belongs to one practice.

    `across_practices` is for the few reviewed reads that cross practices: rows of one account, published rows. The
    database's policies still apply to it.
    """

    practice = models.ForeignKey("practice.Practice", on_delete=models.PROTECT, related_name="+")

    objects = TenantManager()
    across_practices = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "across_practices"
