"""Putting back characters that were stored as UTF-8 and read as Windows-1252 or Latin-1, once or twice.

The method: in such a text every character above ASCII stands for one byte, and those bytes form UTF-8 sequences.
In an honest text they hardly ever do. Where an honest reading exists all the same (capital Ã before a closing quote,
as in Portuguese capitals), the neighbours and then the rest of the text decide; if they cannot, the text stays as it
is and a `Problem` says so. Only characters of Latin typography, symbols, emoji and long runs of other alphabets are
put back: a lone Chinese character is a likelier accident than a likely repair.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from unknot.website.domain.findings import BODY, Problem, Repair

# Windows-1252 leaves five bytes undefined; decoders pass them through as C1 controls, and so does this table.
_BYTE_OF = {chr(byte): byte for byte in range(0x80, 0x100)}
_BYTE_OF.update(
    {bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
)
# Marks that honestly stand after a word; only these make a sequence doubtful.
_CLOSING = frozenset("\u00a0\u00ad…’‘”“–—‹›«»™®·•†‡")
_OPENING_QUOTES = frozenset("“‘«‹„‚")
# Two-byte results that a lone sequence may give: Latin-1, Latin Extended-A, and three signs of Windows-1252.
_LATIN_LEADS = frozenset("ÂÃÄÅ")
_ROMANIAN = frozenset("ȘșȚț")
_ODD_PAIRS = frozenset({"\u0192", "\u02c6", "\u02dc"})
_LOST = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd\ud800-\udfff]")
_BARE_A = re.compile(r"(?<=[a-z0-9.,;:!?)%])Â(?= )")
_CUT_SHORT = re.compile("â€(?![\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ])")
_MAX_LAYERS = 3

_SURE, _DOUBTFUL = "sure", "doubtful"


@dataclass(frozen=True, slots=True)
class Repaired:
    """The text after repair, every run that was put back, and every character that could not be."""

    text: str
    repairs: tuple[Repair, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Glyph:
    """One character on its way, with the stretch of the received text it stands for."""

    char: str
    start: int
    end: int
    changed: bool = False


@dataclass(slots=True)
class _Sequence:
    """Characters `start:end` that spell one UTF-8 sequence, what they decode to, and how far to trust that."""

    start: int
    end: int
    result: str
    trust: str


def repair(text: str) -> str:
    """`text` with mis-decoded characters put back; clean text comes back unchanged."""
    return repair_characters(text).text


def repair_characters(text: str, *, where: str = BODY, first_line: int = 1) -> Repaired:
    """Put back mis-decoded characters in `text` and report each run.

    Control characters, NUL, lone surrogates and U+FFFD are not guessed: each becomes U+FFFD (a database can keep
    it, a reader can see it) and is reported. `first_line` is the line number of the text's first line in its file.
    """
    if text.isascii() and not _LOST.search(text):
        return Repaired(text, (), ())
    glyphs = [_Glyph(char, index, index + 1) for index, char in enumerate(text)]
    doubts: list[_Sequence] = []
    for _ in range(_MAX_LAYERS):
        glyphs, changed, doubts = _peel(glyphs)
        if not changed:
            break
    now = "".join(glyph.char for glyph in glyphs)
    for match in _BARE_A.finditer(now):
        # The no-break space behind the stray letter was flattened to a plain one by some editor on the way.
        glyphs[match.start()].char, glyphs[match.start()].changed = "", True
        glyphs[match.start() + 1].char, glyphs[match.start() + 1].changed = "\u00a0", True
    at = _Places(text, first_line)
    problems = [*_doubt_problems(glyphs, doubts, at, where), *_lost_problems(glyphs, now, at, where)]
    for glyph in glyphs:
        if glyph.char and _LOST.match(glyph.char):
            glyph.char = "\ufffd"
    problems.sort(key=lambda problem: (problem.line, problem.column))
    return Repaired("".join(glyph.char for glyph in glyphs), tuple(_runs(text, glyphs, at, where)), tuple(problems))


def _peel(glyphs: list[_Glyph]) -> tuple[list[_Glyph], bool, list[_Sequence]]:
    """Undo one layer of mis-decoding. Returns the new glyphs, whether any changed, and what stayed in doubt."""
    chars = [glyph.char for glyph in glyphs]
    found = _find_sequences(chars)
    covered = {index for sequence in found for index in range(sequence.start, sequence.end)}
    consistent = all(char < "\x80" or index in covered for index, char in enumerate(chars))
    some_sure = any(sequence.trust == _SURE for sequence in found)
    chosen: list[_Sequence] = []
    doubts: list[_Sequence] = []
    for sequence in found:
        good = sequence.trust == _SURE or (consistent and _likely(chars, sequence, some_sure=some_sure))
        (chosen if good else doubts).append(sequence)
    result: list[_Glyph] = []
    done = 0
    for sequence in chosen:
        result.extend(glyphs[done : sequence.start])
        first, last = glyphs[sequence.start], glyphs[sequence.end - 1]
        result.append(_Glyph(sequence.result, first.start, last.end, changed=True))
        done = sequence.end
    result.extend(glyphs[done:])
    return result, bool(chosen), doubts


def _find_sequences(chars: list[str]) -> list[_Sequence]:
    """Every stretch that spells a UTF-8 sequence with an acceptable result, left to right, never overlapping."""
    found: list[_Sequence] = []
    index = 0
    while index < len(chars):
        sequence = _sequence_at(chars, index) if chars[index] >= "\x80" else None
        if sequence is None:
            index += 1
        else:
            found.append(sequence)
            index = sequence.end
    return _settle_neighbours(found)


def _sequence_at(chars: list[str], start: int) -> _Sequence | None:
    lead = _BYTE_OF.get(chars[start], 0)
    length = 2 if 0xC2 <= lead <= 0xDF else 3 if 0xE0 <= lead <= 0xEF else 4 if 0xF0 <= lead <= 0xF4 else 0
    stretch = chars[start : start + length]
    if not length or len(stretch) < length or not all(char in _BYTE_OF for char in stretch):
        return None
    try:
        result = bytes(_BYTE_OF[char] for char in stretch).decode()
    except UnicodeDecodeError:
        return None
    before = chars[start - 1] if start else ""
    judge = {2: _judge_pair, 3: _judge_triple, 4: _judge_quad}[length]
    trust = judge(stretch, result, before)
    if length == 2 and trust != _SURE and _row_of_pairs(chars, start) >= 3:
        trust = _SURE
    return _Sequence(start, start + length, result, trust) if trust else None


def _row_of_pairs(chars: list[str], start: int) -> int:
    """How many two-byte sequences, up to five, stand in a row around `start`: three are a word of another alphabet."""

    def pair(index: int) -> bool:
        return (
            index >= 0
            and index + 1 < len(chars)
            and 0xC3 <= _BYTE_OF.get(chars[index], 0) <= 0xDF
            and 0x80 <= _BYTE_OF.get(chars[index + 1], 0) <= 0xBF
        )

    first = start
    while first > start - 4 and pair(first - 2):
        first -= 2
    last = start
    while last < start + 4 and pair(last + 2):
        last += 2
    return (last - first) // 2 + 1


def _judge_pair(stretch: list[str], result: str, before: str) -> str:
    lead, second = stretch
    if result in _ODD_PAIRS and second in "’†œ":
        return _SURE if before in _BYTE_OF else _DOUBTFUL
    if lead not in _LATIN_LEADS and result not in _ROMANIAN:
        return ""
    if second not in _CLOSING:
        return _SURE
    if before.islower() or before.isdigit():
        return _SURE  # no word has a capital after a small letter and then ends
    starts_word = not before.isalpha() and before not in _OPENING_QUOTES
    return _SURE if lead in "ÂÃ" and starts_word else _DOUBTFUL


def _judge_triple(stretch: list[str], result: str, before: str) -> str:
    lead, second, _ = stretch
    point = ord(result)
    if lead == "â":
        if point < 0x2000 or point > 0x2BFF or 0x2500 <= point < 0x2580:
            return ""
        return _DOUBTFUL if second in _CLOSING and before.isalpha() else _SURE
    if lead == "ï":
        known = point in (0xFEFF, 0xFE0F, 0xFFFD) or 0xFB00 <= point <= 0xFB06 or 0xFF01 <= point <= 0xFF5E
        return _SURE if known else ""
    return _DOUBTFUL if 0x1E00 <= point <= 0x1EFF else ""


def _judge_quad(stretch: list[str], result: str, before: str) -> str:
    return _SURE if stretch[1] in "Ÿ\x9f\x9d" and 0x1D400 <= ord(result) <= 0x1FAFF else ""


def _settle_neighbours(found: list[_Sequence]) -> list[_Sequence]:
    """A doubtful sequence that touches another sequence is sure: honest text has no two in a row."""
    for left, right in pairwise(found):
        if left.end == right.start:
            left.trust = right.trust = _SURE
    return found


def _likely(chars: list[str], sequence: _Sequence, *, some_sure: bool) -> bool:
    """Whether a doubtful sequence is broken, in a text where nothing speaks against it."""
    before = chars[sequence.start - 1] if sequence.start else ""
    after = chars[sequence.end] if sequence.end < len(chars) else ""
    shouting = before.isupper() and (sequence.start < 2 or chars[sequence.start - 2].isupper())
    if shouting and sequence.result.islower():
        return False
    if some_sure:
        return True
    if chars[sequence.start + 1] == "’" and before.isalpha() and after.isalpha():
        return False  # an apostrophe within a word
    return after.isalpha() or chars[sequence.start + 1] in "”“‘‹›«»™®†‡"


class _Places:
    """Line and column (from 1) of an offset in the received text."""

    def __init__(self, text: str, first_line: int) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._first_line = first_line

    def __call__(self, offset: int) -> tuple[int, int]:
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        return low + self._first_line, offset - self._starts[low] + 1


def _runs(text: str, glyphs: list[_Glyph], at: _Places, where: str) -> Iterator[Repair]:
    """One `Repair` per unbroken stretch of changed characters."""
    index = 0
    while index < len(glyphs):
        if not glyphs[index].changed:
            index += 1
            continue
        end = index
        while end < len(glyphs) and glyphs[end].changed:
            end += 1
        start, stop = glyphs[index].start, glyphs[end - 1].end
        after = "".join(glyph.char for glyph in glyphs[index:end])
        yield Repair("characters", where, *at(start), before=text[start:stop], after=after)
        index = end


def _doubt_problems(glyphs: list[_Glyph], doubts: list[_Sequence], at: _Places, where: str) -> Iterator[Problem]:
    for doubt in doubts:
        seen = "".join(glyph.char for glyph in glyphs[doubt.start : doubt.end])
        message = f"“{seen}” may stand for “{doubt.result}”. It was kept; change it if it is wrong."
        yield Problem("doubtful-characters", where, *at(glyphs[doubt.start].start), message=message)


def _lost_problems(glyphs: list[_Glyph], now: str, at: _Places, where: str) -> Iterator[Problem]:
    for match in _LOST.finditer(now):
        code = f"U+{ord(match.group()):04X}"
        message = f"A character was lost before this file was received ({code}). Type it again."
        yield Problem("lost-character", where, *at(glyphs[match.start()].start), message=message)
    for match in _CUT_SHORT.finditer(now):
        message = "“â€” is the rest of a quotation mark or dash whose last byte is gone. Type it again."
        yield Problem("lost-character", where, *at(glyphs[match.start()].start), message=message)
