"""The study on the command line."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from unknot.outcomes.domain import simulate


def test_the_study_prints_its_figures_and_speaks_on_the_side() -> None:
    out, err = StringIO(), StringIO()
    call_command("simulate_response", "--clients", "3", "--seed", "4", "--json", stdout=out, stderr=err)
    assert json.loads(out.getvalue()) == json.loads(json.dumps(simulate(3, 4)))
    assert "truth B" in err.getvalue()


def test_a_study_without_clients_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("simulate_response", "--clients", "0")
