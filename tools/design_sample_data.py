"""Context for the sample pages of tools/design_samples: fictional people, plausible days."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from design_sample_form import DetailsForm
from django.utils.safestring import mark_safe

from unknot.web.bodymap import body_map
from unknot.web.charts import bars, data_table, line_chart


def money(amount: str) -> SimpleNamespace:
    return SimpleNamespace(amount=Decimal(amount), currency="CAD")


def steps(current: int) -> list[dict[str, str]]:
    labels = ["Guide", "Safety", "Time", "You", "Done"]
    return [
        {"label": label, "state": "done" if i < current else "current" if i == current else "todo", "url": "#step"}
        for i, label in enumerate(labels)
    ]


def pain_chart() -> Any:
    days = [
        date(2026, 9, 8),
        date(2026, 9, 15),
        date(2026, 9, 22),
        date(2026, 9, 29),
        date(2026, 10, 6),
        date(2026, 10, 20),
        date(2026, 11, 3),
        date(2026, 11, 12),
        date(2026, 11, 20),
    ]
    values = [6, 5, 5, 4, 4, 5, 3, 4, 3]
    series = [(f"{day.day} {day:%b}", day.toordinal(), float(value)) for day, value in zip(days, values, strict=True)]
    band = [
        (date(2026, 11, 20).toordinal(), 2.2, 3.8),
        (date(2026, 12, 4).toordinal(), 2.4, 4.6),
        (date(2026, 12, 14).toordinal(), 2.6, 5.4),
    ]
    marks = [
        (days[0].toordinal(), "lighter", "Lighter, 8 September"),
        (days[2].toordinal(), "deep", "Deep, 22 September"),
        (days[4].toordinal(), "lighter", "Lighter, 6 October"),
        (days[6].toordinal(), "deep", "Deep, 3 November"),
    ]
    svg = line_chart(
        series,
        band=band,
        marks=marks,
        y_range=(0, 10),
        title="Pain over time",
        desc="Ratings from 8 September to 20 November fall from 6 to 3 of 10.",
        chart_id="pain",
    )
    table = data_table(
        "Pain, average of the day, 0 to 10", ["Day", "Rating"], [(label, value) for label, _, value in series]
    )
    return mark_safe(svg), table  # noqa: S308 (our own SVG, escaped inside)


def segments(current: int) -> list[dict[str, Any]]:
    rows = [
        ("Warm-up", "whole back, effleurage, palms", 7, 2, ""),
        ("General", "back and hips, petrissage, loose fists", 12, 3, ""),
        ("Focus", "low back left, slow stripping, forearm", 10, 4, ""),
        ("Focus", "left hip, compression, thumbs", 12, 3, "Level 3 at most: bruised after the last deep session"),
        ("Stretch", "hip flexors and low back, contract-relax", 6, None, ""),
        ("Reassess", "forward bend", 3, None, ""),
        ("Cool-down", "long strokes, whole back", 7, 1, ""),
    ]
    out, clock = [], 0
    for i, (phase, what, minutes, level, cap) in enumerate(rows):
        state = "done" if i < current else "current" if i == current else "todo"
        out.append(
            {
                "phase": phase,
                "what": what,
                "minutes": minutes,
                "level": level,
                "cap": cap,
                "state": state,
                "from_seconds": clock,
                "to_seconds": clock + minutes * 60,
            }
        )
        clock += minutes * 60
    return out


def slots(*times: str) -> list[dict[str, str]]:
    return [
        {"label": f"{time} {'am' if int(time.split(':')[0]) in (9, 10, 11) else 'pm'}", "value": time, "sub": who}
        for time, who in (t.split("|") for t in times)
    ]


def context(page: str) -> dict[str, Any]:
    """Everything any sample asks for; `page` decides the parts that differ."""
    chart, table = pain_chart()
    activity = bars(
        [("Lift my daughter", 7), ("Drive two hours", 6), ("Put on socks", 9)],
        maximum=10,
        unit="of 10",
        title="Activities now",
        desc="10 is as before the problem.",
        chart_id="activity",
    )
    form = (
        DetailsForm({"name": "Maren Lindqvist", "email": "maren@mail", "remind": "sms"})
        if page == "parts"
        else DetailsForm()
    )
    marked = {
        "low_back:left": {"intensity": 6, "quality": "stiff"},
        "hip_ant:left": {"intensity": 3, "quality": "ache"},
        "gluteal:left": {"intensity": 4, "quality": "ache"},
    }
    step = {
        "guide_question": 0,
        "guide_result": 0,
        "screening": 1,
        "time_picker": 2,
        "booking_details": 3,
        "confirmation": 4,
    }.get(page, 0)
    return {
        "practice": SimpleNamespace(name="Unknot" if page == "search_results" else "Quarry Lane Massage", palette=""),
        "nav": [
            {"label": label, "url": "#" + label, "current": False}
            for label in ("Services", "Therapists", "Articles", "Sign in")
        ],
        "cta": {"label": "Book", "url": "#book"} if page == "practice_home" else None,
        "foot_lines": ["10432 Quarry Lane NW, Edmonton", "780 555-0143"],
        "foot_links": [
            {"label": label, "url": "#foot"} for label in ("Privacy", "Cancellation policy", "Accessibility")
        ],
        "steps": steps(step),
        "form": form,
        "fee": money("110.00"),
        "tax": money("5.50"),
        "total": money("115.50"),
        "next_free": [
            {"label": "Today 4:30 pm", "sub": "Noor"},
            {"label": "Sat 9:00 am", "sub": "Ana"},
            {"label": "Sat 1:15 pm", "sub": "Ana"},
            {"label": "Tue 10:00 am", "sub": "Ana"},
            {"label": "Tue 11:30 am", "sub": "Theo"},
        ],
        "services": [
            {
                "title": "Therapeutic massage",
                "text": "Built around your goal: less pain, freer movement, better rest. Light to firm.",
                "price": "from $110",
                "meta": ["60", "75", "90 min"],
            },
            {
                "title": "Deep tissue massage",
                "text": "Slow, firm work on the places that have been tight for long. Strong but welcome.",
                "price": "from $120",
                "meta": ["60", "90 min"],
            },
            {
                "title": "Home visit",
                "text": "We bring the table, linen and quiet. Anywhere inside the Henday.",
                "price": "from $145",
                "meta": ["60", "90 min"],
            },
        ],
        "therapists": [
            {
                "name": "Ana Whitford, RMT",
                "initials": "AW",
                "tone": "",
                "line": "11 years, she/her",
                "text": "Low backs, hips and people who sit too much. Explains what she does.",
                "tags": ["Deep tissue", "Prenatal"],
                "next": "Saturday 9:00 am",
            },
            {
                "name": "Noor Haddad, RMT",
                "initials": "NH",
                "tone": "b",
                "line": "6 years, he/him",
                "text": "Gentle and exact. Headaches, jaws, shoulders. Speaks Arabic and French.",
                "tags": ["Myofascial", "Home visits"],
                "next": "today 4:30 pm",
            },
        ],
        "articles": [
            {
                "date": "12 November",
                "title": "Therapeutic or deep tissue: which fits?",
                "text": "What the names mean, what trials found, and what to tell your therapist.",
            },
            {
                "date": "28 October",
                "title": "Sore the day after?",
                "text": "A day or two is common and should fade. When to call us.",
            },
        ],
        "goals": [
            {"value": "G1", "label": "Less pain or stiffness", "hint": "In one place or a few"},
            {"value": "G2", "label": "Move more freely"},
            {
                "value": "G3",
                "label": "Tension from posture or repeated movement",
                "hint": "Desk, wheel, assembly line, violin",
            },
            {"value": "G4", "label": "Recover from hard effort"},
            {"value": "G5", "label": "Less stress, better sleep"},
            {"value": "G6", "label": "Whole-body balance"},
        ],
        "chosen_goals": ["G1", "G3"],
        "reasons": [
            {
                "icon": "check",
                "answer": "You have had this for four months",
                "text": "Long-standing tightness is often worked on slowly and firmly.",
            },
            {
                "icon": "check",
                "answer": "You drive more than two hours a day",
                "text": "We would look at your low back and hips first.",
            },
            {
                "icon": "info",
                "answer": "Your last deep session left you sore for two days",
                "text": "So we would start one level lighter this time.",
            },
        ],
        "errors": [{"target": "R03", "text": "Numbness between the legs: please choose an answer"}]
        if page == "screening"
        else [],
        "questions": [
            {"name": "R01", "legend": "Did the pain start with a fall, a crash or a hard blow?", "value": "no"},
            {
                "name": "R03",
                "legend": "Any new numbness between the legs, or new trouble with bladder or bowel?",
                "hint": "We ask everyone with back pain.",
                "error": 'Please choose an answer. "Not sure" counts.',
            },
            {
                "name": "C12",
                "legend": "Do you take a blood thinner?",
                "hint": "For example warfarin, apixaban or rivaroxaban.",
                "value": "not_sure",
            },
        ],
        "places": [
            {"value": "clinic", "label": "At the clinic", "hint": "Old Strathcona"},
            {"value": "home", "label": "At your home", "hint": "Travel is in the price"},
        ],
        "days": [
            {
                "id": "d1",
                "heading": "Tuesday 24 November, five times free",
                "slots": slots("9:00|Ana", "10:00|Ana", "11:30|Theo", "2:15|Noor", "4:30|Noor"),
            },
            {"id": "d2", "heading": "Wednesday 25 November, two times free", "slots": slots("1:00|Ana", "3:45|Theo")},
            {
                "id": "d3",
                "heading": "Thursday 26 November, four times free",
                "slots": slots("9:30|Noor", "10:45|Ana", "12:00|Ana", "5:15|Theo"),
            },
        ],
        "desk_nav": [
            {"label": "Day", "url": "#day", "icon": "calendar", "current": page == "therapist_day"},
            {"label": "Clients", "url": "#clients", "icon": "people", "current": page == "note_editor"},
            {"label": "Messages", "url": "#messages-page", "icon": "message"},
            {"label": "Reports", "url": "#reports", "icon": "chart"},
            {"label": "Practice", "url": "#practice", "icon": "gear"},
        ],
        "who": "Ana Whitford",
        "sign_out_url": "#out",
        "visits": [
            {
                "start": "9:00",
                "length": "60 min",
                "client": "Pavel Ostrom",
                "service": "Therapeutic, room 2",
                "status": "Done, signed",
                "tone": "",
                "state": "done",
            },
            {
                "start": "10:30",
                "length": "60 min",
                "client": "Maren Lindqvist",
                "service": "Therapeutic, room 2, fourth visit",
                "status": "Here now",
                "tone": "accent",
                "state": "now",
                "goal": "Low back left, pain 4 of 10. Wants to lift her daughter without thinking about it.",
                "limits": ["Level 3 at most, left hip", "No elbow"],
                "action": "Start the session",
            },
            {
                "start": "11:45",
                "length": "75 min",
                "free": "Free. Next on the waitlist: Jo Tanaka, wants 60 minutes before 2 pm.",
            },
            {
                "start": "1:00",
                "length": "90 min",
                "client": "Sol Marchetti",
                "service": "Deep tissue, room 1, first visit",
                "status": "Confirmed",
                "tone": "good",
                "state": "todo",
                "goal": "Shoulders and neck, desk work, never had deep work.",
                "limits": ["Review: may be pregnant, ask"],
            },
            {
                "start": "3:30",
                "length": "60 min",
                "client": "Greta Amundsen",
                "service": "Home visit, 18 min drive, Bonnie Doon",
                "status": "Confirmed",
                "tone": "good",
                "state": "todo",
                "goal": "Knee, side-lying only.",
            },
        ],
        "segments": segments(2),
        "done_segments": [{**row, "state": "", "cap": ""} for row in segments(9)[:4]],
        "pain_chart": chart,
        "pain_table": table,
        "activity_chart": mark_safe(activity),  # noqa: S308 (our own SVG)
        "body": body_map(marked, readonly=page != "screening"),
        "matches": [
            {
                "name": "Noor Haddad, RMT",
                "first": "Noor",
                "initials": "NH",
                "tone": "b",
                "line": "Home visits, 12 min from you",
                "stars": "4.9",
                "reviews": "from 61 visits",
                "price": money("145.00"),
                "why": [
                    "Verified in deep tissue work, card checked in June",
                    "14 of 17 clients with low back goals reached a noticeable change",
                    "Free at all three times you asked for",
                ],
                "against": ["You preferred a woman; Noor is a man"],
                "times": [
                    {"label": "Today 4:30 pm", "sub": "at home"},
                    {"label": "Sat 1:15 pm", "sub": "at home"},
                    {"label": "Mon 9:00 am", "sub": "at home"},
                ],
            },
            {
                "name": "Ana Whitford, RMT",
                "first": "Ana",
                "initials": "AW",
                "tone": "",
                "line": "Quarry Lane Massage, 2.1 km",
                "stars": "4.8",
                "reviews": "from 204 visits",
                "price": money("110.00"),
                "why": ["Works with low backs most of her days", "You said a lower table helps; hers lowers to 46 cm"],
                "against": ["Clinic only"],
                "times": [
                    {"label": "Sat 9:00 am", "sub": "clinic"},
                    {"label": "Tue 10:00 am", "sub": "clinic"},
                    {"label": "Tue 11:30 am", "sub": "clinic"},
                ],
            },
        ],
        "leave_url": "#leave",
        "title": "Someone took that time a moment ago",
        "detail": "Two people chose 10:00 am at nearly the same second.",
        "kept": ["Nothing was charged.", "Your answers and details are still here."],
        "next_steps": [
            {"label": "See the next free times", "url": "#times"},
            {"label": "Call us", "url": "tel:+17805550143"},
        ],
        "reference": "7F3K-20Q",
    }
