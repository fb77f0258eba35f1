"""Courses over time other than the pain: goals and measures as charts, tables and sentences."""

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import mark_safe

from unknot.kernel.zones import local
from unknot.outcomes.domain import goal_t
from unknot.outcomes.queries import GoalFacts, MeasureSeries, SessionMark
from unknot.outcomes.queries.facts import GOAL_LEVELS
from unknot.web import charts


def session_mark(one: SessionMark) -> charts.Mark:
    """A visit under the axis, in the shape of its style."""
    day = date_format(one.day, "j M")
    return one.day.toordinal(), "deep" if one.style == "deep" else "lighter", f"{one.service_name}, {day}"


def measure_course(series: MeasureSeries, sessions: Sequence[SessionMark], *, number: int) -> dict[str, Any]:
    """One measure, the `number`-th on its page: its sentence, a chart from two ratings on, the latest activities as
    bars, and the numbers."""
    items = series.latest_items
    return {
        "name": "What you can do" if items else series.name,
        "chart": _chart(series, sessions, number),
        "same": series.same is not None,
        "bars": mark_safe(  # noqa: S308 - the chart escapes its words
            charts.bars(
                items,
                title=f"{series.name}, latest ratings",
                desc=", ".join(f"{name}: {value:g} of {series.high:g}" for name, value in items),
                unit=f"of {series.high:g}",
                maximum=series.high,
                chart_id=f"bars-{series.instrument}",
            )
        )
        if items
        else "",
        "sentence": series.change.sentence if series.change else f"One rating so far: {series.points[-1][1]:.3g}.",
        "missing": _missing(series),
        "table": _table(series),
    }


def goal_courses(goals: Sequence[GoalFacts], zone: str) -> list[dict[str, Any]]:
    """Every goal with its levels in words, the course so far and what may be said about it."""
    return [
        {
            "goal": one,
            "levels": [{"value": str(level), "label": one.step_words(level)} for level in GOAL_LEVELS],
            "now": one.step_words(one.level) if one.level is not None else "",
            "sentence": one.change.sentence if one.change else "",
            "table": charts.data_table(
                f"How far, from -2 to 2 (0: as hoped): {one.words[:60]}",
                ["Day", "Level", "In words"],
                [
                    [
                        date_format(local(at, zone).date(), "j F Y"),
                        f"{level:+d}" if level else "0",
                        one.step_words(level),
                    ]
                    for at, level in reversed(one.course)
                ],
            )
            if len(one.course) > 1
            else None,
        }
        for one in goals
    ]


def goals_together(goals: Sequence[GoalFacts]) -> str:
    """All rated goals as one T score, for the therapist; empty below two."""
    levels = [one.level for one in goals if one.level is not None and one.closed_at is None]
    if len(levels) < 2:
        return ""
    score = goal_t(levels).value
    return f"All {len(levels)} goals together: T {score:.0f}. 50 is as hoped on the whole, 10 one standard deviation."


def _chart(series: MeasureSeries, sessions: Sequence[SessionMark], number: int) -> str:
    if len(series.points) < 2:
        return ""
    first, last = series.points[0], series.points[-1]
    band = [(day.toordinal(), *series.same) for day in (first[0], last[0])] if series.same else []
    direction = f"{series.better} is better"
    return mark_safe(  # noqa: S308 - the chart escapes its words
        charts.line_chart(
            [(date_format(day, "j M"), day.toordinal(), value) for day, value, _ in series.points],
            band=band,
            marks=[session_mark(one) for one in sessions if first[0] <= one.day <= last[0]],
            y_range=(series.low, series.high),
            y_steps=4,
            title=f"{series.name}, {series.low:g} to {series.high:g}, {direction}",
            desc=f"{len(series.points)} ratings; first {first[1]:.3g}, last {last[1]:.3g}. The table has them all.",
            chart_id=f"course-{number}",
        )
    )


def _missing(series: MeasureSeries) -> str:
    """What was left open in the latest answer, so that nobody reads more into a score than is in it."""
    answered, asked = series.blanks[-1] if series.blanks else (1, 1)
    return (
        f"{answered} of {asked} were answered the last time; what was left open is not counted."
        if answered < asked
        else ""
    )


def _table(series: MeasureSeries) -> charts.DataTable:
    asked = any(answered < asked for answered, asked in series.blanks)
    rows: list[list[str | float]] = []
    for (day, value, _), (answered, of) in zip(series.points, series.blanks, strict=True):
        row: list[str | float] = [date_format(day, "j F Y"), value]
        rows.append([*row, f"{answered} of {of}"] if asked else row)
    caption = f"{series.name}, {series.low:g} to {series.high:g}, {series.better} is better"
    return charts.data_table(caption, ["Day", "Value", "Answered"] if asked else ["Day", "Value"], rows[::-1])
