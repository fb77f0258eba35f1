"""The progress view in words, charts and tables, for the client's page and the therapist's."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.safestring import mark_safe

from unknot.booking import queries as booking
from unknot.kernel.zones import local
from unknot.outcomes.domain import DayBand
from unknot.outcomes.queries import CurrentProposal, ProgressView
from unknot.outcomes.views.courses import goal_courses, measure_course, session_mark
from unknot.web import charts

CONTEXT_WORDS = {
    "intake": "at the start",
    "weekly": "in between",
    "before": "before a visit",
    "in_room": "in the room",
    "day_after": "the day after",
    "day_three": "three days after",
    "review": "at a review",
}
SCALE = (0.0, 10.0)
SERIES_LENGTH = 6  # then it is time to look at how it went (6.3): nothing is sold beyond a review


def short(day: date) -> str:
    """12 Jun."""
    return date_format(day, "j M")


def long(day: date) -> str:
    """Tuesday, 12 June."""
    return date_format(day, "l, j F")


def present(view: ProgressView) -> dict[str, Any]:
    """What both pages show: headline, charts as safe SVG, tables, the other measures."""
    return {
        "view": view,
        "headline": headline(view),
        "chart": pain_chart(view),
        "table": pain_table(view),
        "sessions": [(long(one.day), one) for one in reversed(view.sessions[-6:])],
        "others": [measure_course(one, view.sessions, number=n) for n, one in enumerate(view.others)],
        "goals": goal_courses(view.goals, view.timezone),
        "forecast": forecast_chart(view.proposal),
        "forecast_table": forecast_table(view.proposal),
        "expected": expected_words(view.proposal),
        "proposal": view.proposal,
        "proposed_day": _when(view),
        "last_session": view.last_session,
        "next_visit": _moment(view.next_visit_at, view.timezone),
        "signed_on": _moment(view.proposal.signature.at, view.timezone)[0] if view.proposal.signature else "",
    }


def headline(view: ProgressView) -> str:
    """What the pain ratings say, in one line that is as plain about worse as about better."""
    points = view.ratings.points
    if not points:
        return "No ratings yet"
    if view.ratings.change is None:
        return f"One rating so far: {points[0][1]:g} of 10"
    since = date_format(points[0][0], "F")
    words = {"better": "lower than in", "worse": "higher than in"}.get(view.ratings.change.direction)
    return f"Pain is {words} {since}" if words else f"Pain is about the same as in {since}"


def pain_chart(view: ProgressView) -> str:
    """Ratings as a line, sessions under the axis, the pattern as a band; empty without ratings."""
    points = view.ratings.points
    if not points:
        return ""
    first = points[0][0]
    return mark_safe(  # noqa: S308 - the chart escapes its words
        charts.line_chart(
            [(short(day), day.toordinal(), value) for day, value, _ in points],
            band=[(one.day.toordinal(), one.low, one.high) for one in view.pattern],
            marks=[session_mark(one) for one in view.sessions if one.day >= first],
            y_range=SCALE,
            title="Pain, average of the past 24 hours, 0 to 10",
            desc=f"{len(points)} ratings from {long(first)} to {long(points[-1][0])}; "
            f"first {points[0][1]:g}, last {points[-1][1]:g}. The same numbers are in the table below.",
            chart_id="pain-chart",
        )
    )


def pain_table(view: ProgressView) -> charts.DataTable:
    """Every rating that counts, newest first."""
    rows: list[list[str | float]] = [
        [date_format(day, "j F Y"), value, CONTEXT_WORDS[context]] for day, value, context in view.ratings.points
    ]
    return charts.data_table("Pain ratings, 0 to 10", ["Day", "Pain", "Asked"], rows[::-1])


def forecast_chart(proposal: CurrentProposal) -> str:
    """Expected pain with and without the next session; empty while nothing personal can be said."""
    with_it, without = proposal.with_session, proposal.without_session
    if not with_it or not without:
        return ""
    days = sorted({with_it[0].day, proposal.on or with_it[0].day, with_it[-1].day})
    return mark_safe(  # noqa: S308 - the chart escapes its words
        charts.forecast_chart(
            _course(with_it),
            _course(without),
            labels=[(day.toordinal(), short(day)) for day in days],
            y_range=SCALE,
            title="Expected pain with and without the next visit",
            desc=expected_words(proposal),
            chart_id="forecast-chart",
        )
    )


def forecast_table(proposal: CurrentProposal) -> charts.DataTable | None:
    """The expected numbers, week by week."""
    if not proposal.with_session:
        return None
    pairs = list(zip(proposal.with_session, proposal.without_session, strict=True))
    rows = [[short(one.day), _range(one), _range(other)] for one, other in pairs[::7]]
    return charts.data_table("Expected pain, 0 to 10 (80 of 100 times)", ["Day", "With a visit", "Without"], rows)


def expected_words(proposal: CurrentProposal) -> str:
    """Both expectations two weeks after the next visit, with the width of not knowing."""
    if not proposal.with_session:
        return ""
    one, other = proposal.with_session[-1], proposal.without_session[-1]
    return (
        f"By {long(one.day)} we expect pain around {one.mean:g} with that visit (8 times out of 10 between "
        f"{one.low:g} and {one.high:g}), and around {other.mean:g} without it (between {other.low:g} "
        f"and {other.high:g})."
    )


def book_url(view: ProgressView, base: str) -> str:
    """The times page, filled in with what the client had last and the proposed day."""
    last, on = view.last_session, view.proposal.on
    if last is None:
        return f"{base}book/"
    asked = {"service": last.service_slug, "therapist": last.therapist_slug}
    if on is not None:
        asked["from"] = max(on, view.today).isoformat()
    return f"{base}book/times/?{urlencode(asked)}"


def series_url(view: ProgressView, practice_slug: str) -> str:
    """The page that shows six visits in the proposed rhythm, from the proposed day on and at the time of the last
    visit; empty while a talk comes first."""
    proposal, last = view.proposal, view.last_session
    days = 7 if proposal.kind == "general" else proposal.interval_days
    if last is None or not days or proposal.review_talk or proposal.kind in ("held", "review"):
        return ""
    every, unit = (days // 7, "weeks") if days % 7 == 0 else (days, "days")
    day = max(proposal.on or view.today + timedelta(days=days), view.today + timedelta(days=1))
    return booking.series_path(
        practice_slug,
        every=every,
        unit=unit,
        count=SERIES_LENGTH,
        service=last.service_slug,
        therapist=last.therapist_slug,
        place=last.place_slug,
        first=datetime.combine(day, local(last.starts_at, view.timezone).time()),
    )


def desk_series_url(view: ProgressView, practice_slug: str) -> str:
    """The same page for the therapist or the desk, who book it for the client."""
    found = series_url(view, practice_slug)
    return found.replace("/book/series/", f"/desk/clients/{view.client_id}/series/") if found else ""


def _moment(at: datetime | None, zone: str) -> tuple[str, ...]:
    """Day and time by the practice's clock, in words: templates would turn an instant into UTC. Empty without one."""
    if at is None:
        return ()
    here = local(at, zone)
    return long(here.date()), date_format(here, "g:i a")


def _when(view: ProgressView) -> str:
    on = view.proposal.on
    if on is None:
        return ""
    return long(on) if on > view.today else "as soon as it suits you"


def _course(bands: Sequence[DayBand]) -> list[charts.ForecastPoint]:
    return [(one.day.toordinal(), one.mean, one.low, one.high) for one in bands]


def _range(one: DayBand) -> str:
    return f"{one.mean:g} ({one.low:g} to {one.high:g})"
