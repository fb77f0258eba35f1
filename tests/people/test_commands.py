"""`unknot token`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from unknot.config.demo_data.build import Stage


def test_a_token_opens_the_person_s_own_record(riverbend: Stage) -> None:
    out, err = StringIO(), StringIO()
    call_command("token", "--email", "TOMASZ@clients.example", "--days", "2", stdout=out, stderr=err)
    program = Client(headers={"Authorization": f"Bearer {out.getvalue().strip()}"})
    client = riverbend.clients["tomasz@clients.example"].pk
    assert program.get(f"/api/v1/clients/{client}/progress").status_code == 200
    assert "2 days" in err.getvalue()


@pytest.mark.parametrize("words", [("--email", "nobody@clients.example"), ("--email", "x", "--days", "1")])
def test_nobody_gets_no_token(db: None, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("token", *words)


@pytest.mark.parametrize("days", ["0", "3651"])
def test_a_token_ends(riverbend: Stage, days: str) -> None:
    with pytest.raises(CommandError):
        call_command("token", "--email", "tomasz@clients.example", "--days", days)
