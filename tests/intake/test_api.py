"""The guide and the screening as calls: any program may ask, nothing is kept."""

import json
from typing import Any

import pytest
from django.test import Client

from unknot.config.demo_data.build import Stage
from unknot.db import tenancy
from unknot.intake.models import Intake
from unknot.web.models import IdempotentAnswer

pytestmark = pytest.mark.django_db
GUIDE, SCREENING = "/api/v1/guide", "/api/v1/screening"
ANSWERS = {
    "G2": "yes", "D3": "yes", "E1": "no", "R01": "no", "C12": "yes",
    "regions": [{"region": "low_back", "laterality": "left"}],
}  # fmt: skip


def post(url: str, body: Any, **headers: str) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client().post(url, text, content_type="application/json", headers=headers)


def test_the_questions_are_the_ones_that_may_be_answered() -> None:
    guide, screening = Client().get(GUIDE).json(), Client().get(SCREENING).json()
    assert guide["values"] == ["yes", "no", "not_sure", "prefer_not"]
    assert (guide["rules_version"], screening["rules_version"]) == ("2026.1", "2026.1")
    ids = [question["id"] for question in guide["questions"]]
    assert post(GUIDE, dict.fromkeys(ids, "no")).status_code == 200
    rows = [row for group in screening["groups"] for row in group["rules"]]
    rows += [one["id"] for group in screening["groups"] for row in group["questions"] for one in row["follow_ups"]]
    assert post(SCREENING, dict.fromkeys(rows, "no")).json()["outcome"] == "clear"
    places = [{"region": one["region"], "laterality": one["lateralities"][0]} for one in guide["regions"]]
    assert len(places) == 24
    assert post(GUIDE, {"regions": places}).status_code == 200
    assert screening["groups"][0]["page"] == "warning_signs"


def test_the_lean_with_its_reasons() -> None:
    answer = post(GUIDE, ANSWERS)
    assert answer.status_code == 200
    found = answer.json()
    assert found["lean"] == "lighter_only"
    assert [reason["signal"] for reason in found["reasons"]] == ["C12"]
    assert set(found["reasons"][0]) >= {"signal", "answer", "text", "source"}
    assert [reason["signal"] for reason in found["against"]] == ["D3"]
    assert found["rules_version"] == "2026.1"


def test_the_outcome_with_its_precautions() -> None:
    found = post(SCREENING, ANSWERS).json()
    assert found["outcome"] == "review"
    assert {item["rule"] for item in found["precautions"]} == {"C12"}
    assert set(found["precautions"][0]) >= {"rule", "effect", "region", "pressure_cap", "text", "source"}
    assert [item["kind"] for item in found["advice"]] == ["talk_first"]
    assert "R15" in found["not_asked"]
    assert post(SCREENING, {"R15": "yes"}).json()["advice"][0]["call"] == "911"


@pytest.mark.parametrize("url", [GUIDE, SCREENING])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"Z9": "yes"}, "Z9"),
        ({"R01": "maybe"}, "R01"),
        ({"G2": True}, "G2"),
        ({"G2": {"answer": "yes"}}, "G2"),
        ({"R01": "yes\x00"}, "R01"),
        ({"C23": {"answer": "yes", "regions": ["moon"]}}, "C23.regions"),
        ({"regions": "low_back"}, "regions"),
        ({"regions": [{"region": "sacrum", "laterality": "left"}]}, "regions"),
        ({"regions": ["knee", "knee"]}, "regions"),
        ({"regions": ["low_back"] * 61}, "regions"),
    ],
)
def test_what_is_wrong_is_named(url: str, body: dict[str, Any], field: str) -> None:
    answer = post(url, body)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [one["field"] for one in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("body", ["[]", "7", "null", '"yes"', '{"G2":', b"\xff\xfe", "", "[" * 100_000])
def test_bodies_that_are_no_answers(body: str | bytes) -> None:
    assert post(GUIDE, body).status_code in (400, 422)


def test_too_much_is_refused() -> None:
    assert post(GUIDE, {"G2": "x" * 1_000_001}).status_code == 413
    assert post(GUIDE, {f"X{number}": "yes" for number in range(501)}).status_code == 422
    assert post(GUIDE, {"\x00" * 900_000: "yes"}).status_code in (413, 422)


def test_nothing_is_kept_not_even_with_a_key(riverbend: Stage) -> None:
    first = post(SCREENING, ANSWERS, **{"Idempotency-Key": "one"})
    second = post(SCREENING, {"C01": "yes"}, **{"Idempotency-Key": "one"})
    assert [first.json()["outcome"], second.json()["outcome"]] == ["review", "not_today"]
    assert IdempotentAnswer.objects.count() == 0
    with tenancy.scope(practice_id=riverbend.practice.id):
        assert Intake.objects.count() == 0


def test_the_description_says_what_a_body_may_hold() -> None:
    paths = Client().get("/api/v1/openapi.json").json()
    schema = paths["paths"][SCREENING]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body = paths["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    assert body["type"] == "object"
    assert body["additionalProperties"]["anyOf"][0]["enum"] == ["yes", "no", "not_sure", "prefer_not"]
    assert {"regions", "G2", "R01", "C12a"} <= set(body["propertyNames"]["enum"])
    assert body["properties"]["regions"]["type"] == "array"
    assert set(paths["paths"][GUIDE]["post"]["responses"]) >= {"200", "422"}
