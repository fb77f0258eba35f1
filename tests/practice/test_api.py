"""GET /practices/{slug}."""

from django.test import Client

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.practice.models import Credential


def test_public_facts_and_nothing_else(riverbend: Stage, client: Client) -> None:
    body = client.get("/api/v1/practices/riverbend").json()
    assert (body["slug"], body["timezone"], body["currency"]) == ("riverbend", "America/Edmonton", "CAD")
    assert [one["slug"] for one in body["places"]] == ["studio"]
    assert [one["slug"] for one in body["therapists"]] == ["maren-oduya"]
    assert len(body["services"]) == 8
    assert "Poplar" not in str(body)
    assert "account" not in str(body)
    assert "tax_number" not in body


def test_only_checked_credentials_are_published(riverbend: Stage, client: Client) -> None:
    with tenancy.scope(practice_id=riverbend.practice.id):
        Credential.objects.filter(kind="association").update(verified_at=None)
    (maren,) = client.get("/api/v1/practices/riverbend").json()["therapists"]
    assert {one["kind"] for one in maren["credentials"]} == {"course"}
    assert maren["verified_skills"] == ["deep_tissue", "low_back", "myofascial", "pregnancy"]


def test_an_unknown_practice_is_a_problem(db: None, client: Client) -> None:
    answer = client.get("/api/v1/practices/nowhere")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
