"""The job of the room."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.notifications.models import Message
from unknot.treatment import actions
from unknot.treatment.jobs import check_in_due
from unknot.treatment.models import CheckIn

START = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)


def test_the_job_writes_once_and_stands_being_run_twice(
    visit: VisitFacts, begin: Callable[..., UUID], maren: Actor
) -> None:
    actions.end_session(by=maren, session_id=begin(visit, START), ended_by="plan", now=START)
    row = CheckIn.objects.get(kind="day_after")
    for check_in_id in (row.pk, row.pk, uuid4()):
        check_in_due(practice_id=str(visit.practice_id), check_in_id=str(check_in_id))
    found = Message.objects.get(kind="check_in_due")
    assert found.facts["path"] == f"/p/riverbend/my/check-ins/{row.pk}/"
    assert found.account_id == visit.account_id
