"""For whom a visit is: the person themselves, somebody they look after, or somebody without a record as yet."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from unknot.booking.forms import SOMEONE_NEW, Wish
from unknot.booking.queries import VisitFacts
from unknot.kernel.actors import Actor
from unknot.kernel.errors import InvalidError
from unknot.people import queries as people
from unknot.web.access import FOR, PracticeRequest


class WhomError(InvalidError):
    """Please say again for whom this visit is. Everything else you chose is still here."""

    code = "whom"


@dataclass(frozen=True)
class Choice:
    """One answer to "for whom?": `value` in forms and links, how they are called."""

    value: str
    name: str


def whom_of(request: PracticeRequest, wish: Wish) -> Wish:
    """The wish with the person that the address names (`?for=`), if it names one."""
    if FOR not in request.GET:
        return wish
    return replace(wish, whom=str(request.actor.client_id) if request.actor.acting else "")


def choices(actor: Actor) -> list[Choice]:
    """The people whom the actor looks after here; who acts for one of them sees the same list."""
    return [Choice(str(client_id), name) for client_id, name in actor.dependants.items()]


def going(actor: Actor, whom: str) -> Actor:
    """The actor whose record the visit goes to. Nobody's yet for somebody new. Raises WhomError."""
    if whom == SOMEONE_NEW:
        return replace(actor, client_id=None)
    if not whom or actor.acting:
        return actor
    try:
        return actor.acting_for(UUID(whom))
    except ValueError as error:
        raise WhomError(field="whom") from error


def say_whom(request: PracticeRequest, hold_id: UUID) -> None:
    """Keeps with the hold for whom it is, if the address says so: `?whom=` with nothing, `new`, or a client's id."""
    if "whom" in request.GET:
        holds, whom = request.session["holds"], request.GET["whom"]
        known = whom in ("", SOMEONE_NEW) or whom in map(str, request.actor.dependants)
        holds[str(hold_id)]["whom"] = whom if known else SOMEONE_NEW
        request.session["holds"] = holds


def who_comes(request: PracticeRequest, hold_id: UUID) -> tuple[Actor, str]:
    """The actor whose record the held time goes to, and the answer to "for whom?" as kept with the hold."""
    whom = str(request.session["holds"][str(hold_id)].get("whom", ""))
    try:
        return going(request.actor, whom), whom
    except WhomError:  # signed in as somebody else meanwhile
        return going(request.actor, SOMEONE_NEW), SOMEONE_NEW


def whom_context(request: PracticeRequest, actor: Actor, whom: str, visit: VisitFacts) -> dict[str, Any]:
    """What the page says about who is coming."""
    on = f"for={actor.client_id}" if actor.acting else ""
    return {
        "someone_new": SOMEONE_NEW,
        "whom": whom,
        "whose": actor.whose,
        "whom_for": f"{on}&" if on else "",
        "stop_url": f"/p/{request.practice.slug}/screening/result/{'?' + on if on else ''}",
        "guardian_words": guardian_words(actor, visit),
        "whom_choices": [one for one in choices(actor) if one.value != whom],
    }


def guardian_words(actor: Actor, visit: VisitFacts) -> str:
    """What a carer is told about consent before they book for somebody who does not consent alone, else empty."""
    if not actor.acting or actor.client_id is None:
        return ""
    client = people.client(actor.client_id, by=actor)
    if client.is_minor_on(date.fromisoformat(visit.local_start[:10])):
        return (
            f"{client.greeting} is under eighteen: you consent for them, before the visit and in the room, so please "
            "be there. The therapist talks with both of you first, and either of you can stop at any time."
        )
    if client.decides == "carer":
        return (
            f"You consent for {client.greeting}, so please be there. The therapist talks with both of you first, and "
            "either of you can stop at any time."
        )
    return ""


def forget_visitor(request: PracticeRequest, actor: Actor) -> None:
    """After a visit was booked for somebody else: whose answers a nameless visitor gave is not sure, so nobody gets
    them.
    """
    if actor.acting:
        request.session.pop("visitor", None)
