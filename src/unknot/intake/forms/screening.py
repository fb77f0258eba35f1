"""The screening's pages: cards to tick, then closer questions about what was ticked.

What was answered on one page travels to the next inside the form, never in the session or the address.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from unknot.intake import domain
from unknot.intake.forms.places import Posted, read_place
from unknot.kernel.errors import InvalidError

Cards = Sequence[domain.QuestionGroup]
Fault = dict[str, str]
UNSURE = (("not_sure", "Not sure"), ("prefer_not", "Rather not say"))
MOST_CARRIED = 20_000  # characters
PLACES_PER_ROW = 3


class CarriedAnswersError(InvalidError):
    """The answers from the page before did not arrive whole. Nothing was saved; please start again."""

    code = "carried-answers"


def read_cards(posted: Posted, cards: Cards) -> tuple[dict[str, Any], list[Fault]]:
    """Answers of these cards, and what is at fault: a card left empty, or "none of these" beside something else.

    On a card where anything is chosen, a row that is not ticked and not marked unsure is answered no.
    """
    ticked, none = set(posted.get("yes", ())), set(posted.get("none", ()))
    answers: dict[str, Any] = {}
    faults: list[Fault] = []
    for card in cards:
        said = {row: value for row in card.rules if (value := _said(row, ticked, posted))}
        if said and card.id in none:
            text = f"{card.title}: you chose “none of these” and something else. Keep what is true."
            faults.append({"target": f"card-{card.id}", "card": card.id, "text": text})
        elif not said and card.id not in none:
            text = f"{card.title}: tick what is true, or “none of these”."
            faults.append({"target": f"card-{card.id}", "card": card.id, "text": text})
        answers |= dict.fromkeys(card.rules, "no") | said
    return answers, faults


def misfits(answers: Mapping[str, Any], cards: Cards) -> list[Fault]:
    """What these cards should be asked again, because the answers do not go together: at the card of the last row."""
    faults: list[Fault] = []
    shown = [row for card in cards for row in card.rules]
    for one in domain.to_ask_again(domain.read_answers(answers), shown):
        card = next(card for card in reversed(cards) if set(one.rows) & set(card.rules))
        faults.append({"target": f"card-{card.id}", "card": card.id, "text": f"{one.text} {domain.AGAIN}"})
    return faults


def _said(row: str, ticked: set[str], posted: Posted) -> str:
    unsure = next(iter(posted.get(f"unsure-{row}", ())), "")
    return "yes" if row in ticked else unsure if unsure in dict(UNSURE) else ""


def card_fields(
    cards: Cards, *, answers: Mapping[str, Any], none: Sequence[str] = (), faults: Sequence[Fault] = ()
) -> list[dict[str, Any]]:
    """The cards for the template, with what is ticked and the error of each."""
    errors = {fault["card"]: fault["text"] for fault in faults if "card" in fault}
    fields = []
    for card in cards:
        rows = [{"id": row.id, "text": row.text, "check": row.how_to_check, "value": answers.get(row.id, "")}
                for row in card.questions]  # fmt: skip
        unsure = any(row["value"] in dict(UNSURE) for row in rows)
        facts = {"id": card.id, "title": card.title, "intro": card.intro, "rows": rows, "unsure": unsure}
        fields.append({**facts, "none": card.id in none, "error": errors.get(card.id, "")})
    return fields


def closer_rows(answers: Mapping[str, Any], cards: Cards) -> list[domain.Question]:
    """Rows answered yes that have closer questions or a place to show, each once, in the order asked."""
    found = {
        row.id: row
        for card in cards
        for row in card.questions
        if _value(answers.get(row.id)) == "yes" and (row.follow_ups or row.asks_where)
    }
    return list(found.values())


def read_closer(
    posted: Posted, rows: Sequence[domain.Question], answers: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Fault]]:
    """The answers with those to the closer questions; each follow-up has to be answered, a place may be left out."""
    found = dict(answers)
    faults: list[Fault] = []
    for row in rows:
        for follow in row.follow_ups:
            value = next(iter(posted.get(follow.id, ())), "")
            if value not in ("yes", "no", *dict(UNSURE)):
                faults.append(
                    {"target": follow.id, "row": follow.id, "text": f"{follow.text} Please choose an answer."}
                )
            else:
                found[follow.id] = value
        chosen = dict.fromkeys(posted.get(f"place-{row.id}", ())[:PLACES_PER_ROW])
        places = [place for value in chosen if (place := read_place(value))]
        if row.asks_where and places:
            found[row.id] = {"answer": "yes", "regions": places}
    return found, faults


def closer_fields(
    rows: Sequence[domain.Question], *, posted: Posted, before: Mapping[str, Any], faults: Sequence[Fault] = ()
) -> list[dict[str, Any]]:
    """The closer questions for the template, with what was chosen now or, on first sight, in earlier answers."""
    errors = {fault["row"]: fault["text"] for fault in faults if "row" in fault}
    fields = []
    for row in rows:
        given = before.get(row.id)
        places = [f"{place['region']}:{place['laterality']}" for place in _places(given)]
        chosen = [*posted.get(f"place-{row.id}", places), *[""] * PLACES_PER_ROW][:PLACES_PER_ROW]
        follow_ups = [
            {"id": follow.id, "text": follow.text, "error": errors.get(follow.id, ""),
             "value": next(iter(posted.get(follow.id, ())), "") or _value(before.get(follow.id))}
            for follow in row.follow_ups
        ]  # fmt: skip
        where = chosen if row.asks_where else []
        fields.append({"id": row.id, "text": row.text, "follow_ups": follow_ups, "where": where})
    return fields


def _places(given: Any) -> list[Mapping[str, str]]:
    return list(given.get("regions", ())) if isinstance(given, Mapping) else []


def _value(given: Any) -> str:
    return str(given.get("answer", "")) if isinstance(given, Mapping) else str(given or "")


def carry(answers: Mapping[str, Any]) -> str:
    """Answers as the hidden field that takes them to the next page."""
    return json.dumps(answers, separators=(",", ":"), ensure_ascii=True)


def carried(posted: Posted) -> dict[str, Any]:
    """Answers from the page before. Raises `CarriedAnswersError` for anything but what `carry` wrote."""
    text = next(iter(posted.get("carried", ())), "") or "{}"
    if len(text) > MOST_CARRIED:
        raise CarriedAnswersError
    try:
        return domain.read_answers(json.loads(text)).to_dict()
    except (ValueError, RecursionError, InvalidError) as fault:
        raise CarriedAnswersError from fault
