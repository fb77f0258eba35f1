"""What crosses the room's door: facts of practices, places, services and therapists as plain values."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from unknot.kernel.money import Money
from unknot.practice.domain import words


@dataclass(frozen=True)
class PracticeFacts:
    """What anyone may know of a practice, and its booking policy."""

    id: UUID
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
    tax_number: str
    buffer_rule: str
    grid_minutes: int
    notice_minutes: int
    horizon_days: int
    hold_minutes: int
    palette: str = ""
    holidays: str = "open"
    close_after_minutes: int = 180
    answer_hours: int = 24
    change_hours: int = 24
    cancellation_tiers: list[list[int]] = field(default_factory=list)


@dataclass(frozen=True)
class PlaceFacts:
    """An address. `kind` is clinic, or base: where a therapist's day starts, known to staff only."""

    id: UUID
    slug: str
    name: str
    kind: str
    street: str
    city: str
    region: str
    postal_code: str
    lat: float
    lon: float
    access: list[str]

    @property
    def address(self) -> str:
        """One line for people."""
        return ", ".join(part for part in (self.street, self.city, f"{self.region} {self.postal_code}".strip()) if part)


@dataclass(frozen=True)
class RoomFacts:
    """A treatment room with as many tables as `capacity` says."""

    id: UUID
    place_id: UUID
    name: str
    attributes: list[str]
    capacity: int = 1


@dataclass(frozen=True)
class KitFacts:
    """A piece of kit; `place_id` None: carried along."""

    id: int
    kind: str
    name: str
    place_id: UUID | None


@dataclass(frozen=True)
class ServiceFacts:
    """A bookable treatment of one length (`minutes`, buffers in minutes), or something to add to one (`addon`)."""

    id: UUID
    slug: str
    kind: str
    name: str
    description: str
    minutes: int
    price: Money
    buffer_before: int
    buffer_after: int
    at_clinic: bool
    at_home: bool
    addon: bool = False
    kit: tuple[str, ...] = ()
    new_clients: str = "yes"
    approval: bool = False
    skill: str = ""

    @property
    def is_deep(self) -> bool:
        """Whether it is given with deep pressure."""
        return self.kind == "deep_tissue"

    @property
    def asks_first(self) -> str:
        """Who may not simply book it, in words; empty if everybody may."""
        if self.new_clients == "no":
            return "For people we have treated before"
        if self.approval:
            return "We look at each booking and confirm it"
        return "On a first visit we look at the booking and confirm it" if self.new_clients == "approval" else ""


@dataclass(frozen=True)
class CredentialFacts:
    """A registration or membership and who stands behind it."""

    kind: str
    title: str
    issuer: str
    number: str
    expires_on: date | None
    verified: bool

    @property
    def sentence(self) -> str:
        """Who registered the therapist, in words (never "licensed")."""
        return words.credential_sentence(
            kind=self.kind, title=self.title, issuer=self.issuer, number=self.number, expires_on=self.expires_on
        )

    def is_current(self, on: date) -> bool:
        """True if somebody here checked it and it has not run out on that day."""
        return self.verified and (self.expires_on is None or self.expires_on >= on)


@dataclass(frozen=True)
class TherapistFacts:
    """A therapist of the practice in scope. `account_id` is the person, over all practices."""

    id: UUID
    account_id: UUID
    slug: str
    name: str
    title: str
    bio: str
    gender: str
    languages: list[str]
    skills: list[str]
    max_level: int
    home_visits: bool
    travel_km: int
    base_id: UUID | None
    listed: bool
    service_ids: frozenset[UUID] = frozenset()
    credentials: tuple[CredentialFacts, ...] = ()
    most_visits: int | None = None
    most_minutes: int | None = None
    most_deep_minutes: int | None = None

    def gives(self, *parts: ServiceFacts) -> bool:
        """Whether the therapist gives all of these and has the checked skills that they ask for."""
        skills = {one.skill for one in parts if one.skill}
        return all(one.id in self.service_ids for one in parts) and skills <= self.verified_skills()

    @property
    def initials(self) -> str:
        """Two letters, for where there is no photograph."""
        return words.initials(self.name)

    @property
    def skill_labels(self) -> list[str]:
        """The skills in words, as the therapist names them."""
        return [words.skill_label(slug) for slug in self.skills]

    @property
    def language_names(self) -> list[str]:
        """The languages in words."""
        return [words.language_name(code) for code in self.languages]

    def registrations(self, on: date) -> list[CredentialFacts]:
        """Checked registrations and memberships that hold on that day."""
        return [one for one in self.credentials if one.kind != words.COURSE and one.is_current(on)]

    def courses(self) -> list[CredentialFacts]:
        """Checked courses."""
        return [one for one in self.credentials if one.kind == words.COURSE and one.verified]

    def verified_skills(self) -> frozenset[str]:
        """Skills behind which a checked course of the same name stands."""
        titles = {one.title for one in self.courses()}
        return frozenset(slug for slug in self.skills if words.skill_label(slug) in titles)


@dataclass(frozen=True)
class Vocabulary:
    """Slugs of skills, codes of languages and names of cities that occur in the marketplace, sorted."""

    skills: tuple[str, ...]
    languages: tuple[str, ...]
    cities: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """A practice as the marketplace sees it: published facts only, so no base from which a therapist starts the day."""

    practice: PracticeFacts
    services: tuple[ServiceFacts, ...]
    therapists: tuple[TherapistFacts, ...]
    places: tuple[PlaceFacts, ...]
    room_attributes: frozenset[str]
