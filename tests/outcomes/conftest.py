"""Visits that took place, for the tests of this room."""

from collections.abc import Callable
from datetime import date

import pytest

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.config.demo_data.diary import Diary
from unknot.db import tenancy


@pytest.fixture
def visit_on() -> Callable[..., Appointment]:
    """`visit_on(stage, email, day, service="therapeutic-60", state="completed")`: with Maren on a working day."""

    def make(
        stage: Stage, email: str, day: date, service: str = "therapeutic-60", state: str = "completed"
    ) -> Appointment:
        diary, client = Diary(stage), stage.clients[email]
        with tenancy.scope(practice_id=stage.practice.pk):
            spot = diary.find("maren-oduya", day, stage.services[service], client, wish=600)
            assert spot is not None, f"{day} is no working day"
            made = diary.write(spot, "maren-oduya", stage.services[service], client, state=state)
            made.save(force_insert=True)
        return made

    return make


MADE_UP = """
slug = "stairs_4"
title = "Stairs and shelves"
version = "1"
instructions = "Think of today."
licence = "Made up for tests; free for everybody."
attribution = "Made up for Unknot's tests."
[scale]
noun = "trouble with stairs"
low = 0
high = 8
better = "lower"
mdc = 2
mic = 3
[scoring]
rule = "sum"
least_answered = 3
[asked]
weeks = [0, 4]
[[option]]
label = "never"
points = 0
[[option]]
label = "sometimes"
points = 1
[[option]]
label = "often"
points = 2
[[item]]
text = "Stairs are <b>hard</b>."
[[item]]
text = "Shelves are high."
[[item]]
text = "Bags are heavy."
[[item]]
text = "Doors are stiff."
"""


@pytest.fixture
def made_up() -> str:
    """A questionnaire file that nobody wrote but these tests."""
    return MADE_UP
