"""What a practice publishes, for programs."""

from datetime import date

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from unknot.kernel import zones
from unknot.practice import queries
from unknot.web.access import ANYONE
from unknot.web.api import ApiRequest, Slug, call, in_practice, refusals

router = Router(tags=["practices"])


class ServicePriceOut(Schema):
    """An amount in whole minor units (cents), before tax."""

    minor: int
    currency: str


class PracticeServiceOut(Schema):
    """A bookable treatment of one length."""

    slug: str
    kind: str
    name: str
    description: str
    minutes: int
    price: ServicePriceOut
    at_clinic: bool
    at_home: bool
    new_clients: str = Field(description="May somebody new book it: `yes`, `approval` (they ask) or `no`")
    approval: bool = Field(description="The practice confirms each booking of it")


class PracticePlaceOut(Schema):
    """A clinic. Where home visits start from is not published."""

    slug: str
    name: str
    address: str
    lat: float
    lon: float
    access: list[str]


class TherapistCredentialOut(Schema):
    """A checked registration, membership or course and who stands behind it."""

    kind: str = Field(description="`statutory` registration by law, `association` membership, or `course`")
    title: str
    issuer: str
    number: str
    expires_on: date | None
    sentence: str


class PracticeTherapistOut(Schema):
    """A therapist of the practice."""

    slug: str
    name: str
    title: str
    bio: str
    languages: list[str]
    skills: list[str]
    verified_skills: list[str] = Field(description="Those of `skills` behind which a checked course stands")
    max_level: int = Field(description="Firmest level of the Walton pressure scale offered, 0 to 5")
    home_visits: bool
    services: list[str]
    credentials: list[TherapistCredentialOut]


class PracticeOut(Schema):
    """A practice's public facts."""

    slug: str
    name: str
    kind: str
    tagline: str
    about: str
    timezone: str
    jurisdiction: str
    currency: str
    email: str
    phone: str
    notice_minutes: int
    horizon_days: int
    hold_minutes: int
    cancellation_tiers: list[list[int]] = Field(description="[hours before the start, percent of the price], ...")
    places: list[PracticePlaceOut]
    therapists: list[PracticeTherapistOut]
    services: list[PracticeServiceOut]
    addons: list[PracticeServiceOut] = Field(description="Only together with one of `services`, in the same visit")


@router.get("/practices/{slug}", response={200: PracticeOut, **refusals(404)}, summary="A practice's public facts")
@call(ANYONE)
def practice(request: ApiRequest, slug: Slug) -> PracticeOut:
    """Places (clinics only), therapists with their checked credentials, and the menu with prices before tax."""
    with in_practice(request, slug) as (facts, _):
        today = zones.local(timezone.now(), facts.timezone).date()
        menu, addons = queries.services(), queries.addons()
        names = {one.id: one.slug for one in [*menu, *addons]}
        return PracticeOut(
            **{name: getattr(facts, name) for name in PracticeOut.model_fields if hasattr(facts, name)},
            places=[place_out(one) for one in queries.places()],
            services=[service_out(one) for one in menu],
            addons=[service_out(one) for one in addons],
            therapists=[
                therapist_out(one, services=[names[key] for key in one.service_ids if key in names], on=today)
                for one in queries.therapists()
            ],
        )


def place_out(one: queries.PlaceFacts) -> PracticePlaceOut:
    """A clinic as published."""
    return PracticePlaceOut(
        slug=one.slug, name=one.name, address=one.address, lat=one.lat, lon=one.lon, access=sorted(one.access)
    )


def service_out(one: queries.ServiceFacts) -> PracticeServiceOut:
    """A service as published."""
    return PracticeServiceOut(
        slug=one.slug,
        kind=one.kind,
        name=one.name,
        description=one.description,
        minutes=one.minutes,
        price=ServicePriceOut(minor=one.price.minor, currency=one.price.currency),
        at_clinic=one.at_clinic,
        at_home=one.at_home,
        new_clients=one.new_clients,
        approval=one.approval,
    )


def therapist_out(one: queries.TherapistFacts, *, services: list[str], on: date) -> PracticeTherapistOut:
    """A therapist as published, with the credentials that hold `on` that day."""
    return PracticeTherapistOut(
        slug=one.slug,
        name=one.name,
        title=one.title,
        bio=one.bio,
        languages=one.languages,
        skills=one.skills,
        verified_skills=sorted(one.verified_skills()),
        max_level=one.max_level,
        home_visits=one.home_visits,
        services=sorted(services),
        credentials=[
            TherapistCredentialOut(
                kind=held.kind,
                title=held.title,
                issuer=held.issuer,
                number=held.number,
                expires_on=held.expires_on,
                sentence=held.sentence,
            )
            for held in one.credentials
            if held.is_current(on)
        ],
    )
