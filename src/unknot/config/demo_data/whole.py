"""The whole demo: every practice of the cast with its history and articles, and the tokens of its people."""

import json
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from unknot.booking.actions import renew_cards
from unknot.config.demo_data import cast
from unknot.config.demo_data.articles import write as write_articles
from unknot.config.demo_data.build import Stage, account, build_practice
from unknot.config.demo_data.calendars import write as write_calendars
from unknot.config.demo_data.families import write as write_families
from unknot.config.demo_data.history import write as write_history
from unknot.config.demo_data.line import write as write_line
from unknot.config.demo_data.papers import write as write_papers
from unknot.db import tenancy
from unknot.kernel.actors import system
from unknot.people.actions import make_token
from unknot.people.models import Account
from unknot.practice.models import Practice

SEED = 20261120
Say = Callable[[str], None]


def ensure_demo(data: Path, *, say: Say, now: datetime | None = None) -> dict[str, Any]:
    """Builds the demo unless it is there; returns the `people` and `practices` of demo.json, tokens included."""
    known = data / "demo.json"
    if Practice.objects.filter(slug=cast.RIVERBEND.slug).exists():
        return {key: value for key, value in json.loads(known.read_text()).items() if key != "url"}
    say("making the demo practices")
    moment = now or timezone.now()
    people: list[dict[str, Any]] = []
    with transaction.atomic():
        operator = account(cast.OPERATOR[2], cast.OPERATOR[1], is_operator=True)
        people.append(_person("operator", operator, None, moment))
        for role in cast.PRACTICES:
            stage = build_practice(role, now=moment)
            say(f"giving {role.name} half a year of history")
            write_history(stage, rng=random.Random(SEED), now=moment)  # noqa: S311 - a story, no secret
            write_families(stage, now=moment)
            # After the history: its record begins at number one.
            write_articles(practice_id=stage.practice.id, slug=role.slug, now=moment)
            write_calendars(stage, now=moment)
            write_line(stage, now=moment)
            write_papers(stage, now=moment)
            with tenancy.scope(practice_id=stage.practice.id):
                renew_cards(by=system(stage.practice.id), now=moment)
            people += _people_of(stage, moment)
    practices = [{"slug": role.slug, "name": role.name, "timezone": "America/Edmonton"} for role in cast.PRACTICES]
    return {"people": people, "practices": practices}


def _people_of(stage: Stage, now: datetime) -> list[dict[str, Any]]:
    rows = [_person(role, person, stage.role.slug, now) for role, person in stage.staff]
    clients = [(one.account, one) for one in stage.clients.values() if one.account is not None]
    return rows + [_person("client", person, stage.role.slug, now) for person, _ in clients]


def _person(role: str, person: Account, practice: str | None, now: datetime) -> dict[str, Any]:
    token = make_token(account_id=UUID(str(person.pk)), label="demo", now=now, days=None)
    return {"role": role, "name": person.name, "email": person.email, "practice": practice, "token": token}
