"""The palette keeps its promises: one set of values, and text that can be read in both schemes."""

import re
from itertools import product
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "src" / "unknot" / "web" / "static" / "web" / "css" / "tokens.css"
PAIR = re.compile(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);")
PLAIN = re.compile(r"^    --([\w-]+): (#\w{6});", re.MULTILINE)
GROUNDS = ("paper", "surface", "sunken")
ON_GROUNDS = ("ink", "ink-soft", "link", "accent")
ON_ITS_OWN = (
    ("on-primary", "primary"),
    ("on-primary", "primary-hover"),
    ("on-tint", "tint"),
    ("on-accent-tint", "accent-tint"),
    ("good", "good-tint"),
    ("warn", "warn-tint"),
    ("danger", "danger-tint"),
    ("on-danger", "danger"),
    ("lighter", "lighter-tint"),
    ("deeper", "deeper-tint"),
    ("ink", "good-tint"),
    ("ink", "warn-tint"),
    ("ink", "danger-tint"),
    ("ink", "tint"),
)


def blocks() -> dict[str, str]:
    """The rules of each palette: the default and every `data-palette`."""
    supported = TOKENS.read_text().split("@supports")[1]
    found = {"spruce": supported.split("[data-scheme")[0]}
    found.update(re.findall(r'\[data-palette="(\w+)"\] \{(.*?)\}', supported, re.DOTALL))
    return found


def colours(palette: str, scheme: int) -> dict[str, str]:
    every = blocks()
    chosen = {name: (light, dark) for name, light, dark in PAIR.findall(every["spruce"])}
    chosen.update({name: (light, dark) for name, light, dark in PAIR.findall(every[palette])})
    return {name: pair[scheme] for name, pair in chosen.items()}


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


CASES = list(product(("spruce", "river", "plum", "clay"), (0, 1)))


def test_contrast_of_black_on_white_is_21() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0


def test_the_plain_values_equal_the_light_ones() -> None:
    plain = dict(PLAIN.findall(TOKENS.read_text().split("@supports")[0]))
    assert plain == colours("spruce", 0)


@pytest.mark.parametrize(("palette", "scheme"), CASES)
def test_text_reaches_seven_to_one(palette: str, scheme: int) -> None:
    chosen = colours(palette, scheme)
    pairs = [("ink", ground) for ground in GROUNDS] + [
        ("link", "surface"),
        ("link", "paper"),
        ("on-primary", "primary"),
        ("on-tint", "tint"),
    ]
    short = {pair: round(contrast(chosen[pair[0]], chosen[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in short.items() if ratio < 7} == {}


@pytest.mark.parametrize(("palette", "scheme"), CASES)
def test_every_text_pair_reaches_four_and_a_half(palette: str, scheme: int) -> None:
    chosen = colours(palette, scheme)
    pairs = [*product(ON_GROUNDS, GROUNDS), *ON_ITS_OWN]
    short = {pair: round(contrast(chosen[pair[0]], chosen[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in short.items() if ratio < 4.5} == {}


@pytest.mark.parametrize(("palette", "scheme"), CASES)
def test_control_edges_and_focus_reach_three(palette: str, scheme: int) -> None:
    chosen = colours(palette, scheme)
    pairs = [*product(("line-strong", "focus"), GROUNDS), ("focus", "tint"), ("primary", "surface")]
    short = {pair: round(contrast(chosen[pair[0]], chosen[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in short.items() if ratio < 3} == {}
