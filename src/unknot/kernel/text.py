"""Text for people and for places that hold one line: numbers as they are read, titles, calendar files."""

import re

LONGEST_LINE = 255
_NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})")


def one_line(text: str, *, longest: int = LONGEST_LINE) -> str:
    """Printable characters on one line, at most `longest`: a title must not be able to start a property of its own."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(plain.split())[:longest]


def spoken_phone(number: str) -> str:
    """A North American number (E.164) as people read it, "780 555-0164"; any other as it is."""
    match = _NORTH_AMERICAN.fullmatch(number)
    return f"{match[1]} {match[2]}-{match[3]}" if match else number
