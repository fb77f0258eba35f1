"""The people whom somebody looks after, for programs."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from unknot.kernel.actors import CLIENT
from unknot.people import actions, queries
from unknot.people.queries import ClientFacts
from unknot.web.access import SIGNED_IN
from unknot.web.api import NO_NUL, ApiRequest, Slug, call, in_practice, refusals

router = Router(tags=["people"])
Name = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=120)]


class DependantIn(Schema):
    """Somebody whom the signed-in client looks after."""

    name: Name
    preferred_name: Annotated[str, StringConstraints(pattern=NO_NUL, max_length=60)] = ""
    born_on: date
    relation: Literal["child", "relative", "cared_for"]
    decides_alone: bool = Field(False, description="They are grown up, and the caller decides about care for them")


class DependantOut(Schema):
    """A record that the caller answers for. `id` is a client id: give it as `client` when booking."""

    id: UUID
    name: str
    preferred_name: str
    born_on: date | None
    relation: str
    consents: Literal["self", "carer"]


@router.get(
    "/practices/{slug}/dependants",
    response={200: list[DependantOut], **refusals(401, 404)},
    summary="Whom the caller looks after",
)
@call(SIGNED_IN)
def dependants(request: ApiRequest, slug: Slug) -> list[DependantOut]:
    """Children and relatives with a record of their own that the caller answers for in this practice."""
    with in_practice(request, slug, CLIENT) as (_, actor):
        return [_out(one) for one in queries.dependants(by=actor)]


@router.post(
    "/practices/{slug}/dependants",
    response={201: DependantOut, **refusals(401, 403, 404, 409)},
    summary="Look after somebody",
)
@call(SIGNED_IN, per_minute=30)
def add_dependant(request: ApiRequest, slug: Slug, given: DependantIn) -> tuple[int, DependantOut]:
    """A record for a child or relative. The caller has to be a client of the practice; the same person twice is one."""
    with in_practice(request, slug, CLIENT) as (_, actor):
        made = actions.add_dependant(
            by=actor,
            name=given.name,
            preferred_name=given.preferred_name,
            born_on=given.born_on,
            relation=given.relation,
            decides_alone=given.decides_alone,
            now=timezone.now(),
        )
        return 201, _out(queries.clients_named([made])[made])


def _out(one: ClientFacts) -> DependantOut:
    return DependantOut(
        id=one.id,
        name=one.name,
        preferred_name=one.preferred_name,
        born_on=one.born_on,
        relation=one.relation,
        consents="carer" if one.decides == "carer" else "self",
    )
