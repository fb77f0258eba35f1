"""Text on one line, and numbers as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.kernel.text import one_line, spoken_phone


@given(text=st.text(max_size=400))
def test_a_line_is_one_and_short_and_printable(text: str) -> None:
    line = one_line(text)
    assert len(line) <= 255
    assert line.isprintable()
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("number", "spoken"),
    [("+17805550164", "780 555-0164"), ("+4930555010", "+4930555010"), ("", ""), ("+1780555016", "+1780555016")],
)
def test_numbers_are_written_as_they_are_read(number: str, spoken: str) -> None:
    assert spoken_phone(number) == spoken
