"""Charts as SVG text: pure functions, no styles inside (CSS classes carry the theme), numbers beside them in a table.

Every function returns a complete `<svg>` element as text with `role="img"`, a `<title>` and a `<desc>`; all words are
escaped here, so a caller may mark the result as safe. Coordinates are view-box units near phone pixels (360 wide),
so that 12-unit text stays legible on a phone. Meaning never rests on colour alone: marks differ in shape.
"""

from collections.abc import Sequence
from html import escape
from typing import Literal, TypedDict

SeriesPoint = tuple[str, int, float]  # label of the x axis, date ordinal, value
BandPoint = tuple[int, float, float]  # date ordinal, low, high
ForecastPoint = tuple[int, float, float, float]  # date ordinal, mean, low, high
Mark = tuple[int, Literal["lighter", "deep"], str]  # date ordinal, kind of session, label

WIDTH = 360
HEIGHT = 224
LEFT, RIGHT, TOP, BOTTOM = 30, 14, 14, 48
MARK_Y = HEIGHT - BOTTOM + 14
LABEL_ROOM = 62
BAR_ROW = 46
BARS_WIDTH = 260


class DataTable(TypedDict):
    """Context of `web/parts/data_table.html`."""

    caption: str
    columns: list[str]
    rows: list[list[str]]


def _number(value: float) -> str:
    """At most two decimals and no trailing zeros, never `-0`."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class _Frame:
    """Turns ordinals and values into view-box coordinates; values outside the range are held at its edge."""

    def __init__(self, ordinals: Sequence[int], y_range: tuple[float, float]) -> None:
        if y_range[0] >= y_range[1]:
            raise ValueError(f"the range {y_range} is empty")
        self.first, self.last = min(ordinals), max(ordinals)
        self.low, self.high = y_range

    def x(self, ordinal: int) -> float:
        width = WIDTH - LEFT - RIGHT
        if self.first == self.last:
            return LEFT + width / 2
        return LEFT + 8 + (ordinal - self.first) / (self.last - self.first) * (width - 16)

    def y(self, value: float) -> float:
        held = min(max(value, self.low), self.high)
        return TOP + (self.high - held) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def _open(width: int, height: int, *, kind: str, title: str, desc: str, chart_id: str) -> str:
    own = escape(chart_id, quote=True)
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{own}-title {own}-desc">'
        f'<title id="{own}-title">{escape(title)}</title><desc id="{own}-desc">{escape(desc)}</desc>'
    )


def _grid(frame: _Frame, steps: int) -> list[str]:
    pieces = []
    for step in range(steps + 1):
        value = frame.low + (frame.high - frame.low) * step / steps
        y = _number(frame.y(value))
        pieces.append(f'<line class="grid" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>')
        pieces.append(
            f'<text x="{LEFT - 6}" y="{_number(frame.y(value) + 4)}" text-anchor="end">{_number(value)}</text>'
        )
    return pieces


def _band_path(frame: _Frame, band: Sequence[BandPoint]) -> str:
    upper = [f"{_number(frame.x(day))} {_number(frame.y(high))}" for day, _, high in band]
    lower = [f"{_number(frame.x(day))} {_number(frame.y(low))}" for day, low, _ in reversed(band)]
    return f'<path class="band" d="M{" L".join(upper + lower)}Z"/>'


def _x_labels(frame: _Frame, series: Sequence[SeriesPoint]) -> list[str]:
    """The first and the last label, and those between that keep their distance, so that none run together."""
    count = len(series)
    xs = [frame.x(day) for _, day, _ in series]
    picked = [0]
    for index in range(1, count - 1):
        if xs[index] - xs[picked[-1]] >= LABEL_ROOM and xs[-1] - xs[index] >= LABEL_ROOM:
            picked.append(index)
    if count > 1 and xs[-1] - xs[0] >= LABEL_ROOM:
        picked.append(count - 1)
    pieces = []
    for index in picked:
        label, day, _ = series[index]
        alone = frame.first == frame.last
        anchor = "middle" if alone else "start" if index == 0 else "end" if index == count - 1 else "middle"
        x = frame.x(day) + (0 if anchor == "middle" else -8 if anchor == "start" else 8)
        pieces.append(f'<text x="{_number(x)}" y="{HEIGHT - 8}" text-anchor="{anchor}">{escape(label)}</text>')
    return pieces


def _mark(frame: _Frame, mark: Mark) -> str:
    """A ring for a lighter session, a diamond for a deep one, with a dotted line up into the chart."""
    day, kind, label = mark
    x = frame.x(day)
    line = f'<line class="mark-line" x1="{_number(x)}" y1="{TOP}" x2="{_number(x)}" y2="{MARK_Y - 6}"/>'
    if kind == "deep":
        shape = f'<path class="mark-deep" d="M{_number(x)} {MARK_Y - 6}l6 6-6 6-6-6z">'
        return f"{line}{shape}<title>{escape(label)}</title></path>"
    shape = f'<circle class="mark-lighter" cx="{_number(x)}" cy="{MARK_Y}" r="5">'
    return f"{line}{shape}<title>{escape(label)}</title></circle>"


def line_chart(
    series: Sequence[SeriesPoint],
    *,
    band: Sequence[BandPoint] = (),
    marks: Sequence[Mark] = (),
    y_range: tuple[float, float],
    title: str,
    desc: str,
    chart_id: str = "chart",
    y_steps: int = 5,
) -> str:
    """Values over time as one line with dots; `band` shades an uncertainty or target range, `marks` sit under the axis.

    `series` and `band` are taken in the order given (ascending days). `chart_id` must be unique on the page. The first
    and the last value are written beside their dots. Raises ValueError for an empty series or an empty `y_range`.
    """
    if not series:
        raise ValueError("a chart needs at least one value; show the empty state instead")
    frame = _Frame([day for _, day, _ in series] + [day for day, _, _ in band] + [day for day, _, _ in marks], y_range)
    pieces = [_open(WIDTH, HEIGHT, kind="chart", title=title, desc=desc, chart_id=chart_id), *_grid(frame, y_steps)]
    if band:
        pieces.append(_band_path(frame, band))
    pieces += [_mark(frame, mark) for mark in marks]
    points = [(frame.x(day), frame.y(value)) for _, day, value in series]
    pieces.append('<polyline class="line" points="' + " ".join(f"{_number(x)},{_number(y)}" for x, y in points) + '"/>')
    for (label, _, value), (x, y) in zip(series, points, strict=True):
        tip = f"<title>{escape(label)}: {_number(value)}</title>"
        pieces.append(f'<circle class="dot" cx="{_number(x)}" cy="{_number(y)}" r="4.5">{tip}</circle>')
    for index in {0, len(series) - 1}:
        x, y = points[index]
        above = y - 10 if y - 10 >= TOP + 4 else y + 20
        place = f'x="{_number(x)}" y="{_number(above)}" text-anchor="middle"'
        pieces.append(f'<text class="value" {place}>{_number(series[index][2])}</text>')
    pieces += _x_labels(frame, series)
    return "".join(pieces) + "</svg>"


def forecast_chart(
    first: Sequence[ForecastPoint],
    second: Sequence[ForecastPoint],
    *,
    labels: Sequence[tuple[int, str]],
    y_range: tuple[float, float],
    title: str,
    desc: str,
    chart_id: str = "forecast",
    y_steps: int = 5,
) -> str:
    """Two expected courses, each a line within its band: `first` solid, `second` dashed. Nothing here was measured.

    Points are (date ordinal, mean, low, high) in ascending days; `labels` are the days to name under the axis.
    Raises ValueError for an empty course or an empty `y_range`.
    """
    if not first or not second:
        raise ValueError("a forecast needs both courses; show the words instead")
    frame = _Frame([point[0] for point in (*first, *second)], y_range)
    pieces = [_open(WIDTH, HEIGHT, kind="chart", title=title, desc=desc, chart_id=chart_id), *_grid(frame, y_steps)]
    for course, name in ((second, " other"), (first, "")):
        band = _band_path(frame, [(day, low, high) for day, _, low, high in course])
        pieces.append(band.replace('class="band"', f'class="band{name}"'))
    for course, name in ((second, " other"), (first, "")):
        points = " ".join(f"{_number(frame.x(day))},{_number(frame.y(mean))}" for day, mean, _, _ in course)
        pieces.append(f'<polyline class="line{name}" points="{points}"/>')
    upper_first = first[-1][1] > second[-1][1]
    for (day, mean, _, _), upper in ((first[-1], upper_first), (second[-1], not upper_first)):
        y = frame.y(mean) + (-8 if upper else 18)
        place = f'x="{_number(frame.x(day) - 2)}" y="{_number(y)}" text-anchor="end"'
        pieces.append(f'<text class="value" {place}>{_number(mean)}</text>')
    pieces += _x_labels(frame, [(label, day, 0.0) for day, label in labels])
    return "".join(pieces) + "</svg>"


def bars(
    items: Sequence[tuple[str, float]],
    *,
    title: str,
    desc: str,
    unit: str = "",
    maximum: float | None = None,
    chart_id: str = "bars",
) -> str:
    """Horizontal bars, each with its label above and its value at the end; `maximum` is the full width.

    Values are 0 or more. Raises ValueError for no items or a negative value.
    """
    if not items or any(value < 0 for _, value in items):
        raise ValueError("bars need at least one value and none below zero")
    full = max(maximum or 0.0, *(value for _, value in items)) or 1.0
    room = BARS_WIDTH - 62
    pieces = [_open(BARS_WIDTH, BAR_ROW * len(items), kind="chart bars", title=title, desc=desc, chart_id=chart_id)]
    for row, (label, value) in enumerate(items):
        top = row * BAR_ROW
        pieces.append(f'<text x="0" y="{top + 14}">{escape(label)}</text>')
        pieces.append(f'<rect class="bar-back" x="0" y="{top + 21}" width="{room}" height="14" rx="7"/>')
        pieces.append(
            f'<rect class="bar" x="0" y="{top + 21}" width="{_number(value / full * room)}" height="14" rx="7"/>'
        )
        words = f"{_number(value)}{' ' + unit if unit else ''}"
        pieces.append(f'<text class="value" x="{BARS_WIDTH}" y="{top + 33}" text-anchor="end">{escape(words)}</text>')
    return "".join(pieces) + "</svg>"


def data_table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str | float]]) -> DataTable:
    """The numbers of a chart for `web/parts/data_table.html`; the first cell of each row is its heading.

    Raises ValueError when a row does not have one cell per column.
    """
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("every row needs one cell per column")
    text_rows = [[cell if isinstance(cell, str) else _number(cell) for cell in row] for row in rows]
    return {"caption": caption, "columns": list(columns), "rows": text_rows}
