"""Other people's visits, so that a diary looks lived in: identity, a screening, a signed note, some reviews."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.config.demo_data.charts import Rows, client_of
from unknot.config.demo_data.diary import Diary, Home
from unknot.config.demo_data.stories import GUEST_NAMES, GUEST_REVIEWS
from unknot.intake import domain as intake
from unknot.intake.models import Intake
from unknot.kernel.ids import new_id
from unknot.kernel.zones import local
from unknot.people.models import Client
from unknot.practice.models import Service
from unknot.reviews.models import Review
from unknot.treatment import domain as treatment
from unknot.treatment.models import Note

PAST_DAYS, AHEAD_DAYS = 42, 21
LULL, BUSY = 0.28, (0.62, 0.48, 0.3)  # shares of a day that are booked: past weeks; the next three weeks
FULL = 0.9
STREETS = ("Aspen Way", "Willow Park Road", "Heron Crescent", "Tamarack Drive", "Ferry Street")


@dataclass
class Guests:
    """The guests of one practice and what every one of their rows shares."""

    stage: Stage
    diary: Diary
    rng: random.Random
    now: datetime
    rows: Rows
    people: list[Client]
    homes: dict[object, Home]

    def fill(self) -> list[Appointment]:
        """Visits for every therapist from six weeks ago to three weeks ahead, by day."""
        today = local(self.now, self.stage.practice.timezone).date()
        made: list[Appointment] = []
        clinic = self.stage.role.kind == "clinic"
        for offset in sorted(range(-PAST_DAYS, AHEAD_DAYS + 1), key=lambda one: (clinic and one != 0, one)):
            share = LULL if offset < 0 else BUSY[min(offset // 7, 2)]
            if clinic and offset == 0:  # today, whatever weekday it is: everybody works, and hardly a gap is left
                share = FULL
                for slug in self.stage.therapists:
                    self.diary.open_day(slug, today)
            for slug in self.stage.therapists:
                made += self._day(slug, today + timedelta(days=offset), share)
        return made

    def _day(self, slug: str, day: date, share: float) -> list[Appointment]:
        windows = self.diary.windows(slug, day)
        minutes = sum(closes - opens for opens, closes, _ in windows)
        wanted = round(minutes / 85 * share + self.rng.uniform(-0.5, 0.5))
        at_home = any(place == "home" for _, _, place in windows)
        found = []
        for _ in range(min(wanted, 2) if at_home else wanted):
            service, guest = self._service(slug, at_home=at_home), self.rng.choice(self.people)
            opens, closes, _ = self.rng.choice(windows)
            spot = self.diary.find(slug, day, service, guest, wish=self.rng.randrange(opens, closes))
            if spot is None or self._has_near(guest, spot.starts_at):
                continue
            state = self._state(spot.starts_at, service.minutes)
            made = self.diary.write(spot, slug, service, guest, state=state, home=self.homes.get(guest.pk))
            self.rows.add(made)
            found.append(made)
        return found

    def _has_near(self, guest: Client, at: datetime) -> bool:
        """A guest comes at most every six days; where many work, every three, so that the near days are full too."""
        apart = 3 if self.stage.role.kind == "clinic" else 6
        return any(abs((at - since).days) < apart for since, _ in self.diary.taken.get(guest.pk, ()))

    def _service(self, slug: str, *, at_home: bool) -> Service:
        role = next(one for one in self.stage.role.therapists if one.slug == slug)
        offered = [self.stage.services[one] for one in role.services]
        return self.rng.choice([one for one in offered if one.at_home == at_home])

    def _state(self, starts_at: datetime, minutes: int) -> str:
        if starts_at + timedelta(minutes=minutes) <= self.now:
            return self.rng.choices(("completed", "no_show", "cancelled"), (93, 3, 4))[0]
        if starts_at <= self.now:
            return "in_session"
        if starts_at - self.now < timedelta(minutes=20):
            return "arrived"
        late = starts_at - self.now > timedelta(days=3)
        return self.rng.choices(("confirmed", "requested", "cancelled"), (94, 3, 3))[0] if late else "confirmed"


def invite(stage: Stage, rng: random.Random, rows: Rows, now: datetime) -> tuple[list[Client], dict[object, Home]]:
    """Guests of a practice, each with a clear screening; no accounts. And where those live who are visited at home."""
    count = 20 if len(stage.therapists) == 1 else len(GUEST_NAMES)
    people, homes = [], {}
    base = next((one for one in stage.places.values() if one.kind == "base"), next(iter(stage.places.values())))
    for number, name in enumerate(rng.sample(GUEST_NAMES, count)):
        guest = rows.add(
            Client(
                id=new_id(),
                practice=stage.practice,
                name=name,
                email=f"{name.lower().replace(' ', '.')}@guests.example",
                phone=f"+1{stage.practice.phone[2:5]}55501{60 + number % 40}",
            )
        )
        people.append(guest)
        homes[guest.pk] = home_near(base.lat, base.lon, stage, rng)
        rows.add(clear_intake(guest, now - timedelta(days=PAST_DAYS + 3)))
    return people, homes


def home_near(lat: float, lon: float, stage: Stage, rng: random.Random) -> Home:
    """A made-up address a few kilometres from a therapist's start of the day."""
    street = f"{rng.randrange(1, 90)} {rng.choice(STREETS)}, {stage.role.city}"
    return Home(street, round(lat + rng.uniform(-0.025, 0.025), 5), round(lon + rng.uniform(-0.035, 0.035), 5))


def clear_intake(client: Client, at: datetime) -> Intake:
    """Everything answered with no."""
    answers: dict[str, object] = {
        question.id: "no" for group in intake.short_questions() for question in group.questions
    }
    answers["G6"] = "yes"
    return intake_row(client, answers, at)


def intake_row(client: Client, answers: dict[str, object], at: datetime) -> Intake:
    """An intake as the room would store it: guide and screening worked out by the domain."""
    told = intake.Told().with_answers(intake.read_answers(answers), now=at)
    screening = intake.screen(told.answers)
    guide = intake.lean(told.answers, screening=screening)
    return Intake(
        id=new_id(),
        practice_id=client.practice_id,
        client=client,
        answers=told.to_dict(),
        guide=guide.to_dict(),
        screening=screening.to_dict(),
        outcome=screening.outcome.value,
        guide_version=guide.rules_version,
        screening_version=screening.rules_version,
        created_at=at,
        screened_at=at,
        valid_until=intake.valid_until(told),
    )


def write_notes(rows: Rows, visits: list[Appointment]) -> None:
    """A short signed note for every completed visit of a guest."""
    plans: dict[object, treatment.SoapNote] = {}
    for visit in visits:
        if visit.state != "completed":
            continue
        if visit.service_id not in plans:
            request = treatment.request_for(treatment.PlanBasis(visit.service.minutes, visit.service.kind))
            plan = treatment.build_plan(request)
            plans[visit.service_id] = treatment.prefill(plan, treatment.planned_as_done(plan))
        note = plans[visit.service_id]
        note = treatment.SoapNote(
            objective=note.objective,
            assessment=treatment.Assessment(text="As planned; no adverse event.", response="Comfortable throughout."),
            minutes_booked=note.minutes_booked,
            rules_version=note.rules_version,
        )
        rows.add(
            Note(
                id=new_id(),
                practice_id=visit.practice_id,
                appointment=visit,
                client=client_of(visit),
                author_id=visit.practitioner_id,
                content=treatment.as_data(note),
                version=2,
                saved_at=visit.ends_at + timedelta(minutes=7),
                signed_at=visit.ends_at + timedelta(minutes=7),
                content_hash=treatment.content_hash(note),
            )
        )


def write_reviews(rows: Rows, visits: list[Appointment], rng: random.Random, now: datetime) -> None:
    """About every fourth completed visit of a guest was reviewed, once per guest and therapist."""
    seen: set[tuple[object, object]] = set()
    for visit in visits:
        pair = visit.client_id, visit.therapist_id
        if visit.state != "completed" or pair in seen or rng.random() > 0.4 or visit.ends_at > now - timedelta(days=2):
            continue
        seen.add(pair)
        stars, words = rng.choice(GUEST_REVIEWS)
        rows.add(review_row(visit, stars, words))


def review_row(visit: Appointment, stars: int, words: str) -> Review:
    """A review a day after the visit, under first name and initial."""
    first, *rest = client_of(visit).name.split(" ")
    return Review(
        id=new_id(),
        practice_id=visit.practice_id,
        appointment_id=visit.pk,
        therapist_id=visit.therapist_id,
        client=client_of(visit),
        stars=stars,
        words=words,
        shown_as=f"{first} {rest[-1][0]}." if rest else first,
        written_at=visit.ends_at + timedelta(hours=26),
    )
