"""Half a year of made-up history for one practice, and the next three weeks: the same from the same seed and moment."""

import random
from datetime import date, datetime, timedelta
from typing import Any

from unknot.audit.models import Entry, link
from unknot.booking.models import Appointment
from unknot.config.demo_data import guests
from unknot.config.demo_data.build import Stage
from unknot.config.demo_data.charts import Course, Rows, Told, write_visit
from unknot.config.demo_data.diary import Diary, Home
from unknot.config.demo_data.money import write_money
from unknot.config.demo_data.ratings import Pain, write_around, write_goals, write_weekly
from unknot.config.demo_data.stories import STORIES, Story
from unknot.db import tenancy
from unknot.intake.domain import read_wishes, short_questions
from unknot.intake.models import Consent, Intake, TouchWishes
from unknot.kernel.ids import new_id
from unknot.kernel.zones import local
from unknot.outcomes.models import Proposal
from unknot.people.models import Client
from unknot.practice.models import Service

# Who treats whom; everybody else's therapist is the practice's first.
THERAPISTS = {
    "bea@clients.example": "dev-malhotra",
    "walt@clients.example": "ivan-petrov",
    "zainab@clients.example": "celeste-arsenault",
    "colm@clients.example": "sofia-marchetti",
    "ines@clients.example": "amara-nwosu",
    "rob@clients.example": "lin-zhou",
    ("openhands", "tomasz@clients.example"): "ezra-feld",
}
TODAY = {
    "riverbend": "priya@clients.example",
    "foothills": "anders@clients.example",
    "openhands": "rob@clients.example",
}
DRAFTS = {"tomasz@clients.example", "maya@clients.example"}  # their last note waits for a signature
NEAR = (0, 1, -1, 2, -2, 3, -3, 4, -4)
CONSENT_VERSION = "consent-2026.1"


class History:
    """Writes one practice's history; lives only inside `write`."""

    def __init__(self, stage: Stage, rng: random.Random, now: datetime) -> None:
        self.stage, self.rng, self.now = stage, rng, now
        self.zone = stage.practice.timezone
        self.rows, self.diary = Rows(), Diary(stage)
        self.visits: list[Appointment] = []
        self.trail: list[dict[str, Any]] = []

    def write(self) -> None:
        """Today's open visits first, then the named clients, then everybody else around them."""
        today = local(self.now, self.zone).date()
        first = next(iter(self.stage.therapists))
        self.diary.open_day(first, today)
        clients = [(self.stage.clients[one.email], STORIES[one.story]) for one in self.stage.role.clients]
        intakes = {client.pk: self._intake(client, story) for client, story in clients}
        courses = {client.pk: self._course(client, story, intakes[client.pk]) for client, story in clients}
        self._today(intakes)
        people, homes = guests.invite(self.stage, self.rng, self.rows, self.now)
        others = guests.Guests(self.stage, self.diary, self.rng, self.now, self.rows, people, homes).fill()
        for client, story in clients:
            self._chart(client, story, intakes[client.pk], courses[client.pk])
        guests.write_notes(self.rows, others)
        guests.write_reviews(self.rows, others, self.rng, self.now)
        write_money(self.rows, self.stage, [*self.visits, *others])
        self.rows.save()
        self._write_trail()

    def _therapist(self, client: Client) -> str:
        own = THERAPISTS.get((self.stage.role.slug, client.email)) or THERAPISTS.get(client.email)
        return own if own in self.stage.therapists else next(iter(self.stage.therapists))

    def _intake(self, client: Client, story: Story) -> Intake:
        at = self.now - timedelta(weeks=story.weeks[0], days=4)
        fresh = self.now - timedelta(days=2, hours=3)
        answers: dict[str, object] = {one.id: "no" for group in short_questions() for one in group.questions}
        answers |= {**story.guide, **story.screening, "regions": list(story.regions)}
        self.rows.add(guests.intake_row(client, answers, at))
        newest = self.rows.add(guests.intake_row(client, answers, fresh))
        self.rows.add(
            Consent(
                id=new_id(),
                practice=self.stage.practice,
                client=client,
                scope="treatment",
                text_version=CONSENT_VERSION,
                given_by=client.account,
                given_at=at,
            )
        )
        if story.touch:
            content = read_wishes(story.touch).to_dict()
            own = {"practice": self.stage.practice, "client": client, "by": client.account}
            self.rows.add(TouchWishes(id=new_id(), content=content, at=fresh, **own))
        self._trail(client, "guide.recorded", "intake", at, by_client=True)
        self._trail(client, "screening.recorded", "intake", fresh, by_client=True)
        found: Intake = newest
        return found

    def _course(self, client: Client, story: Story, intake: Intake) -> list[Appointment]:
        """The client's visits of the past, and the next one if the story has one booked."""
        slug, made = self._therapist(client), []
        habit = timedelta(days=self.rng.randrange(-3, 4))
        ahead = (-story.upcoming / 7,) if story.upcoming else ()
        for number, weeks in enumerate((*story.weeks, *ahead)):
            service = self._service(slug, story.kinds[number % len(story.kinds)])
            around = local(self.now - timedelta(weeks=weeks), self.zone).date() + (habit if weeks > 1 else timedelta())
            made += self._book(client, slug, service, around, intake, ahead=weeks < 0)
        return made

    def _book(
        self, client: Client, slug: str, service: Service, around: date, intake: Intake, *, ahead: bool
    ) -> list[Appointment]:
        """The free time nearest to a day, on the right side of now."""
        today = local(self.now, self.zone).date()
        near = (0, -1, -2, -3, -4) if around > today - timedelta(days=7) and not ahead else NEAR
        for offset in near:
            day = around + timedelta(days=offset)
            if (ahead and day <= today) or (not ahead and day >= today):
                continue
            wish = self.rng.randrange(9 * 60, 17 * 60)
            spot = self.diary.find(slug, day, service, client, wish=wish)
            if spot is not None:
                state, home = ("confirmed" if ahead else "completed"), self._home(client)
                visit = self.diary.write(spot, slug, service, client, state=state, home=home, intake_id=intake.pk)
                self.visits.append(self.rows.add(visit))
                return [visit]
        return []

    def _service(self, slug: str, kind: str) -> Service:
        """What the therapist offers of this kind, an hour before longer ones; something else if they do not."""
        role = next(one for one in self.stage.role.therapists if one.slug == slug)
        offered = [self.stage.services[one] for one in role.services]
        home_only = all(one.at_home for one in offered)
        fitting = [one for one in offered if one.kind == kind and one.at_home == home_only]
        return (fitting or [one for one in offered if one.at_home == home_only])[0]

    def _home(self, client: Client) -> Home:
        base = next((one for one in self.stage.places.values() if one.kind == "base"), None)
        place = base or next(iter(self.stage.places.values()))
        return Home(f"27 Linden Row, {self.stage.role.city}", place.lat + 0.012, place.lon - 0.017)

    def _today(self, intakes: dict[Any, Intake]) -> None:
        """One visit today that can be opened: ahead if the day still has room, else its client is here already."""
        client = self.stage.clients[TODAY[self.stage.role.slug]]
        slug = self._therapist(client)
        today = local(self.now, self.zone).date()
        self.diary.open_day(slug, today)
        at = local(self.now, self.zone)
        service, wish = self._service(slug, "therapeutic"), at.hour * 60 + at.minute + 25
        spot = self.diary.find(slug, today, service, client, wish=wish, after=self.now)
        state = "confirmed"
        if spot is None:
            spot, state = self.diary.find(slug, today, service, client, wish=wish), "arrived"
        if spot is not None:
            home, intake = self._home(client), intakes[client.pk]
            visit = self.diary.write(spot, slug, service, client, state=state, home=home, intake_id=intake.pk)
            self.visits.append(self.rows.add(visit))

    def _chart(self, client: Client, story: Story, intake: Intake, visits: list[Appointment]) -> None:
        done = [one for one in visits if one.state == "completed"]
        start = self.now - timedelta(weeks=story.weeks[0], days=3)
        pain, course = Pain(story, start, self.rng), Course()
        write_goals(self.rows, client, story, start, self.now)
        write_weekly(self.rows, client, pain, done, self.now, self.zone)
        for visit in done:
            last = visit is done[-1]
            told = self._told(visit, story, pain, done)
            write_visit(
                self.rows,
                visit,
                intake=intake,
                story=story,
                course=course,
                told=told,
                rng=self.rng,
                now=self.now,
                last=last,
                draft=last and client.email in DRAFTS,
            )
            write_around(self.rows, visit, told, self.now)
            self._trail(client, "chart.opened", "appointment", visit.starts_at - timedelta(minutes=12), visit=visit)
            self._trail(client, "session.started", "session", visit.starts_at, visit=visit)
            if not (last and client.email in DRAFTS):
                self._trail(client, "note.signed", "note", visit.ends_at + timedelta(minutes=11), visit=visit)
        if story.review and done:
            self.rows.add(guests.review_row(done[min(4, len(done) - 1)], *story.review))
        if story.signed and done:
            self._sign(client, story, done[-1])

    def _told(self, visit: Appointment, story: Story, pain: Pain, done: list[Appointment]) -> Told:
        deep = visit.service.kind == "deep_tissue"
        day_after = visit.ends_at + timedelta(days=1)
        return Told(pain.rating(visit.starts_at, done), pain.rating(day_after, done), story.soreness[int(deep)])

    def _sign(self, client: Client, story: Story, last: Appointment) -> None:
        """The therapist looked at the pattern after the last visit and agreed to about three weeks."""
        at = last.ends_at + timedelta(minutes=16)
        on = (local(last.starts_at, self.zone) + timedelta(days=21)).date().isoformat()
        self.rows.add(
            Proposal(
                id=new_id(),
                practice=self.stage.practice,
                client=client,
                content={
                    "kind": "signed",
                    "on": on,
                    "proposed_on": on,
                    "style": "lighter",
                    "adjusted": False,
                    "reason": "",
                    "why": [],
                    "sure": "fairly",
                    "n_ratings": 30,
                    "rules_version": "proposal-2026.1",
                },
                made_at=at,
                decided_by_id=last.practitioner_id,
                decided_at=at,
                interval_days=21,
            )
        )
        self._trail(client, "proposal.signed", "proposal", at, visit=last)

    def _trail(
        self, client: Client, verb: str, subject: str, at: datetime, *, by_client: bool = False,
        visit: Appointment | None = None,
    ) -> None:  # fmt: skip
        actor = client.account_id if by_client or visit is None else visit.practitioner_id
        roles = "client" if by_client else "therapist"
        said = {"actor_id": actor, "actor_roles": roles, "verb": verb, "subject_kind": subject, "at": at}
        self.trail.append(said | {"client_id": client.pk, "subject_id": visit.pk if visit else None})

    def _write_trail(self) -> None:
        """The record of all this, in the order of time, chained as the audit room chains it."""
        chain, entries = "", []
        for number, said in enumerate(sorted(self.trail, key=lambda one: one["at"]), start=1):
            entry = Entry(practice_id=self.stage.practice.pk, number=number, **said)
            chain = entry.chain = link(chain, entry)
            entries.append(entry)
        Entry.objects.bulk_create(entries, batch_size=500)


def write(stage: Stage, *, rng: random.Random, now: datetime) -> None:
    """Writes a practice's half year and its next three weeks in the open transaction, relative to `now`."""
    with tenancy.scope(practice_id=stage.practice.pk):
        History(stage, rng, now).write()
