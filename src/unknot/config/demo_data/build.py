"""Builds one practice of the cast, without history. Runs as the application's role, inside the practice's walls."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from unknot.availability.models import Break, OpeningRule
from unknot.config.demo_data import cast
from unknot.db import tenancy
from unknot.kernel.ids import new_id
from unknot.people.models import Account, Client, Membership
from unknot.practice.models import Credential, Kit, Offer, Place, Practice, Room, Service, Therapist


@dataclass
class Stage:
    """A practice as built: rows by slug or e-mail, for the history that follows."""

    role: cast.PracticeRole
    practice: Practice
    places: dict[str, Place] = field(default_factory=dict)
    rooms: dict[str, list[Room]] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    therapists: dict[str, Therapist] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    staff: list[tuple[str, Account]] = field(default_factory=list)


def account(email: str, name: str, **fields: Any) -> Account:
    """The account with this address, made and verified if there is none."""
    from allauth.account.models import EmailAddress

    found = Account.objects.filter(email=email).first()
    if found is None:
        found = Account.objects.create_user(email, name=name, **fields)
        EmailAddress.objects.create(user=found, email=email, verified=True, primary=True)
    return found


def build_practice(role: cast.PracticeRole, *, now: datetime) -> Stage:
    """One practice of the cast with its places, menu, team and clients, in an open or new transaction."""
    practice = Practice(
        id=new_id(),
        slug=role.slug,
        name=role.name,
        kind=role.kind,
        tagline=role.tagline,
        about=role.about,
        timezone="America/Edmonton",
        jurisdiction="CA-AB",
        email=role.email,
        phone=role.phone,
        tax_number=role.tax_number,
        buffer_rule=role.buffer_rule,
        palette=role.palette,
        holidays=role.holidays,
        cancellation_tiers=[[24, 50], [4, 100]],
    )
    stage = Stage(role, practice)
    with tenancy.scope(practice_id=practice.id):
        practice.save(force_insert=True)
        _build_places(stage)
        for position, one in enumerate(role.services + role.addons):
            stage.services[one.slug] = Service.objects.create(
                practice=practice,
                slug=one.slug,
                kind=one.kind,
                name=one.name,
                minutes=one.minutes,
                description=cast.DESCRIPTIONS[one.kind],
                price_minor=one.price,
                buffer_before=one.before,
                buffer_after=one.after,
                at_home=one.at_home,
                at_clinic=one.at_clinic,
                addon=one in role.addons,
                kit=list(one.kit),
                new_clients=one.new_clients,
                skill=one.skill,
                position=position,
            )
        for therapist in role.therapists:
            _build_therapist(stage, therapist, now)
        for desk_role, name, email in role.desk:
            _give_role(stage, account(email, name), desk_role)
        for person in role.clients:
            stage.clients[person.email] = Client.objects.create(
                practice=practice,
                account=account(person.email, person.name),
                name=person.name,
                preferred_name=person.preferred,
                email=person.email,
                phone=person.phone,
            )
    return stage


def _build_places(stage: Stage) -> None:
    for one in stage.role.places:
        place = Place.objects.create(
            practice=stage.practice,
            slug=one.slug,
            name=one.name,
            kind=one.kind,
            street=one.street,
            city=stage.role.city,
            region="AB",
            lat=one.lat,
            lon=one.lon,
            access=list(one.access),
        )
        stage.places[one.slug] = place
        stage.rooms[one.slug] = [
            Room.objects.create(practice=stage.practice, place=place, name=name, attributes=list(attributes))
            for name, attributes in one.rooms
        ]
    for kind, name, where in stage.role.kit:
        Kit.objects.create(practice=stage.practice, kind=kind, name=name, place=stage.places.get(where))


def _build_therapist(stage: Stage, role: cast.TherapistRole, now: datetime) -> None:
    person = account(role.email, role.name)
    therapist = Therapist.objects.create(
        practice=stage.practice,
        account=person,
        slug=role.slug,
        name=role.name,
        bio=role.bio,
        gender=role.gender,
        languages=list(role.languages),
        skills=list(role.skills),
        max_level=role.max_level,
        home_visits=bool(role.base),
        travel_km=role.travel_km,
        base=stage.places.get(role.base),
        most_visits=role.limits[0],
        most_minutes=role.limits[1],
        most_deep_minutes=role.limits[2],
    )
    stage.therapists[role.slug] = therapist
    _give_role(stage, person, "therapist")
    if role.owner:
        _give_role(stage, person, "owner")
    for slug in role.services + role.adds:
        Offer.objects.create(practice=stage.practice, therapist=therapist, service=stage.services[slug])
    Credential.objects.create(
        practice=stage.practice,
        therapist=therapist,
        kind="association",
        title="Registered Massage Therapist",
        issuer="Prairie Massage Therapists' Association (fictional)",
        number=role.number,
        expires_on=(now + timedelta(days=400)).date(),
        verified_at=now - timedelta(days=30),
    )
    for skill in role.skills:
        if skill in cast.COURSES:
            Credential.objects.create(
                practice=stage.practice,
                therapist=therapist,
                kind="course",
                title=cast.COURSES[skill],
                issuer="Prairie College of Massage (fictional)",
                number=f"{role.number}-{skill[:2].upper()}",
                verified_at=now - timedelta(days=30),
            )
    for weekday, opens, closes, place in role.hours:
        at_home = place == "home"
        OpeningRule.objects.create(
            practice=stage.practice,
            therapist=therapist,
            place=None if at_home else stage.places[place],
            mode="home" if at_home else "clinic",
            weekday=weekday,
            opens=opens,
            closes=closes,
        )
    for weekday, starts, ends in role.breaks:
        Break.objects.create(practice=stage.practice, therapist=therapist, weekday=weekday, starts=starts, ends=ends)


def _give_role(stage: Stage, person: Account, role: str) -> None:
    Membership.objects.create(practice=stage.practice, account=person, role=role)
    stage.staff.append((role, person))
