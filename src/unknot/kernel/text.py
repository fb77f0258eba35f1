"""Text that goes where one line is expected: headers, titles, calendar files."""

LONGEST_LINE = 255


def one_line(text: str, *, longest: int = LONGEST_LINE) -> str:
    """Printable characters on one line, at most `longest`: a title must not be able to start a property of its own."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(plain.split())[:longest]
