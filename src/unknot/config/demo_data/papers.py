"""A questionnaire that nobody else wrote: made up for the demo, so that the way of one can be walked."""

from datetime import datetime, timedelta
from importlib.resources import files

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.kernel.ids import new_id
from unknot.outcomes.models import Measure, Questionnaire

PRACTICE, ANSWERED_BY = "riverbend", "tomasz@clients.example"
ANSWERS = ((25, (2, 2, 1, 2, 1, 2)), (21, (2, 1, 1, 1, 1, 2)), (15, (1, 1, 0, None, 1, 1)))
"""Weeks ago, and the option chosen for each item; None was left open."""


def write(stage: Stage, *, now: datetime) -> None:
    """The file, its licence answered for, and three answers of one client."""
    if stage.role.slug != PRACTICE:
        return
    text = files(__package__).joinpath("stairs.toml").read_text("utf-8")
    owner = next(person for role, person in stage.staff if role == "owner")
    client, at = stage.clients[ANSWERED_BY], now - timedelta(weeks=26)
    with tenancy.scope(practice_id=stage.practice.id):
        Questionnaire.objects.create(
            practice=stage.practice,
            slug="stairs",
            text=text,
            installed_by=owner,
            installed_at=at,
            accepted_by=owner,
            accepted_at=at,
            proof="None needed: it was made up for the demo.",
        )
        for weeks, chosen in ANSWERS:
            given = [one for one in chosen if one is not None]
            taken = now - timedelta(weeks=weeks)
            Measure.objects.create(
                id=new_id(),
                practice=stage.practice,
                client=client,
                instrument="stairs",
                value={
                    "value": sum(given) * len(chosen) / len(given),
                    "answered": len(given),
                    "asked": len(chosen),
                    "chosen": list(chosen),
                    "version": "1",
                },
                context="intake" if weeks == ANSWERS[0][0] else "review",
                taken_at=taken,
                recorded_at=taken,
                recorded_by_id=client.account_id,
            )
