"""Charts: inside their box, well formed, escaped, whatever the values."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.web.charts import BARS_WIDTH, HEIGHT, WIDTH, bars, data_table, forecast_chart, line_chart

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=20
) | st.sampled_from(["<b>", "a & b", '"', "'>"])
values = st.floats(-1e6, 1e6, allow_nan=False)
days = st.integers(700_000, 760_000)
series = st.lists(st.tuples(texts, days, values), min_size=1, max_size=40).map(
    lambda rows: sorted(rows, key=lambda row: row[1])
)
bands = st.lists(st.tuples(days, values, values), max_size=6).map(sorted)
marks = st.lists(st.tuples(days, st.sampled_from(["lighter", "deep"]), texts), max_size=6)
SVG = "{http://www.w3.org/2000/svg}"


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 (our own)


@given(series, bands, marks, texts, texts)
def test_every_point_lies_inside_the_box(rows: list, band: list, mark: list, title: str, desc: str) -> None:
    root = parse(line_chart(rows, band=band, marks=mark, y_range=(0, 10), title=title, desc=desc))
    for dot in root.iter(f"{SVG}circle"):
        assert 0 <= float(dot.attrib["cx"]) <= WIDTH
        assert 0 <= float(dot.attrib["cy"]) <= HEIGHT
    for band_path in root.findall(f"{SVG}path[@class='band']"):
        numbers = [float(word) for word in band_path.attrib["d"].strip("MZ").replace("L", "").split()]
        assert all(0 <= x <= WIDTH for x in numbers[::2])
        assert all(0 <= y <= HEIGHT for y in numbers[1::2])


@given(series, texts, texts)
def test_words_come_back_as_they_went_in(rows: list, title: str, desc: str) -> None:
    root = parse(line_chart(rows, y_range=(0, 10), title=title, desc=desc, chart_id="pain"))
    assert (root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")) == (title, desc)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "pain-title pain-desc"
    assert len(root.findall(f"{SVG}circle[@class='dot']")) == len(rows)


@given(st.lists(st.integers(0, 10), min_size=2, max_size=20))
def test_a_higher_value_never_stands_lower(levels: list[int]) -> None:
    rows = [(str(i), 738_000 + i, float(level)) for i, level in enumerate(levels)]
    dots = parse(line_chart(rows, y_range=(0, 10), title="t", desc="d")).findall(f"{SVG}circle[@class='dot']")
    heights = [float(dot.attrib["cy"]) for dot in dots]
    assert [levels[i] > levels[i + 1] for i in range(len(levels) - 1)] == [a < b for a, b in pairwise(heights)]


@given(st.lists(st.tuples(texts, st.floats(0, 1e6)), min_size=1, max_size=12))
def test_bars_keep_to_the_width_and_the_greatest_fills_it(items: list[tuple[str, float]]) -> None:
    root = parse(bars(items, title="t", desc="d"))
    widths = [float(bar.attrib["width"]) for bar in root.findall(f"{SVG}rect[@class='bar']")]
    room = float(root.find(f"{SVG}rect[@class='bar-back']").attrib["width"])  # type: ignore[union-attr]
    assert room < BARS_WIDTH
    assert max(widths) == (room if max(value for _, value in items) > 0 else 0)


def test_markup_in_a_label_stays_text() -> None:
    svg = line_chart([("<b>", 1, 2.0)], y_range=(0, 10), title='"><script>', desc="<i>&amp;")
    assert [part for part in ("<b>", "<script", "<i>") if part in svg] == []


def test_labels_keep_their_distance() -> None:
    rows = [(f"day {i}", 738_000 + i, 5.0) for i in range(60)]
    root = parse(line_chart(rows, y_range=(0, 10), title="t", desc="d"))
    shown = [text.text for text in root.iter(f"{SVG}text") if (text.text or "").startswith("day")]
    assert shown == ["day 0", "day 13", "day 26", "day 39", "day 59"]


def test_an_empty_series_and_an_empty_range_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        line_chart([], y_range=(0, 10), title="t", desc="d")
    with pytest.raises(ValueError, match="is empty"):
        line_chart([("a", 1, 1.0)], y_range=(5, 5), title="t", desc="d")
    with pytest.raises(ValueError, match="none below zero"):
        bars([("a", -1.0)], title="t", desc="d")


def test_the_table_writes_numbers_plainly() -> None:
    table = data_table("Pain", ["Day", "Rating"], [("8 Sep", 6.0), ("15 Sep", 5.25)])
    assert table == {"caption": "Pain", "columns": ["Day", "Rating"], "rows": [["8 Sep", "6"], ["15 Sep", "5.25"]]}
    with pytest.raises(ValueError, match="one cell per column"):
        data_table("Pain", ["Day"], [("8 Sep", 6.0)])


def test_a_forecast_draws_two_courses_that_differ_in_more_than_colour() -> None:
    with_it = [(1, 5.0, 4.0, 6.0), (8, 3.0, 2.0, 4.0)]
    without = [(1, 5.0, 4.0, 6.0), (8, 6.0, 5.0, 7.0)]
    picture = forecast_chart(
        with_it, without, labels=[(1, "1 Nov"), (8, "8 <Nov>")], y_range=(0, 10), title="A <b>", desc="d"
    )
    assert picture.count('class="line"') == picture.count('class="line other"') == 1
    assert picture.count('class="band"') == picture.count('class="band other"') == 1
    assert "A &lt;b&gt;" in picture
    assert "8 &lt;Nov&gt;" in picture
    places = re.findall(r'class="value" x="[^"]+" y="([^"]+)" text-anchor="end">(3|6)<', picture)
    heights = {value: float(y) for y, value in places}
    assert heights["3"] - heights["6"] > 20
    with pytest.raises(ValueError, match="both courses"):
        forecast_chart(with_it, [], labels=[], y_range=(0, 10), title="t", desc="d")
