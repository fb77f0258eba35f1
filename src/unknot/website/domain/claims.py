"""Health claims in articles: which evidence does not carry, and what to say instead.

Patterns find words, not meaning. So a find is a question to the author, never a verdict: it shows the evidence and a
suggested wording. Sentences that deny a claim ("massage does not flush toxins"), call it a myth, or ask ("does massage
reduce inflammation?") are left alone; that errs towards silence.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

UNSUPPORTED, OVERSTATED, UNTESTED, SUPPORTED = "unsupported", "overstated", "untested", "supported"
_DATA = "claims-2026.1.toml"
_GAP = r"(?:[^.!?;\n]{0,60}?[^\w.!?;\n])?"
_SPACE = r"[\s*_\[\]()]+"
# A link's address, inline code and pictures are not what the reader reads; blanked out so that offsets stay.
_HIDDEN = re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]{0,500}\)|\]\([^)\n]{0,500}\)|`[^`\n]{0,300}`|https?://\S{1,500}")
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|never|cannot|hardly|nor|neither|without)|n't|\bno (?:\w+ )?(?:proof|evidence|study|studies|way to))"
    r"(?!\s+(?:only|just|merely))(?:\W+\w+){0,4}\W*$"
)
_DENIED_ANYWHERE = re.compile(
    r"\b(?:myths?|misconceptions?|unproven|unsupported|debunk\w*|no (?:good |real |clear |solid )?evidence"
    r"|little evidence|not (?:been )?(?:shown|proven|supported)|no proof|false claims?"
    r"|isn't (?:shown|proven|supported))\b"
)
_ASKS = re.compile(r"^\W*(?:does|do|can|could|will|would|is|are|did|has|should|why do people say)\b")


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """One row of what is claimed: `stance` is unsupported, overstated, untested or supported; `confidence` a mark."""

    id: str
    claim: str
    stance: str
    confidence: str
    why: str
    advice: str
    source: str
    review_by: date
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A find. `line` and `column` count from 1, `excerpt` is what matched, `rule` a rule id, `advice` a wording."""

    line: int
    column: int
    excerpt: str
    rule: str
    advice: str


def _compile(pattern: str) -> re.Pattern[str]:
    """A data pattern as a regular expression: a space is white space or markup, a tilde a short gap."""
    # " ~" is one thing: a space, then perhaps more words that end in a space.
    plain = pattern.replace("(?:~)?", "").replace(" ~", "\x00").replace("~", "\x00")
    spaced = re.sub(r"(?<!\[) (?!\?)", lambda _: _SPACE, plain)
    return re.compile(rf"\b(?:{spaced})".replace("\x00", _SPACE + _GAP) + r"(?!\w)", re.IGNORECASE)


def _load() -> tuple[str, dict[str, ClaimRule]]:
    text = files("unknot.website.domain").joinpath("data", _DATA).read_text(encoding="utf-8")
    table = tomllib.loads(text)
    rules = {
        row["id"]: ClaimRule(
            id=row["id"],
            claim=row["claim"],
            stance=row["stance"],
            confidence=row["confidence"],
            why=row["why"],
            advice=row["advice"],
            source=row["source"],
            review_by=row.get("review_by", table["review_by"]),
            patterns=tuple(_compile(pattern) for pattern in row["patterns"]),
        )
        for row in table["rule"]
    }
    return str(table["version"]), rules


CLAIM_RULES_VERSION, CLAIM_RULES = _load()


def claim_rule(rule_id: str) -> ClaimRule:
    """The rule behind a find. Raises KeyError for an id that is not in the table."""
    return CLAIM_RULES[rule_id]


def find_claims(text: str, *, include_supported: bool = False) -> list[Claim]:
    """Claims in a plain or Markdown `text` that evidence does not carry, in reading order, one per rule and place.

    With `include_supported` also the statements that are fine as they stand, for an article's evidence list.
    """
    seen = _readable(text)
    found: list[tuple[int, Claim]] = []
    for start, end in _sentences(seen):
        sentence = seen[start:end]
        if _asks(sentence) or _DENIED_ANYWHERE.search(sentence.lower()):
            wanted = [rule for rule in CLAIM_RULES.values() if include_supported and rule.stance == SUPPORTED]
        else:
            wanted = [rule for rule in CLAIM_RULES.values() if include_supported or rule.stance != SUPPORTED]
        for rule in wanted:
            for first, last in _hits(rule, sentence):
                offset = start + first
                line = text.count("\n", 0, offset) + 1
                column = offset - (text.rfind("\n", 0, offset) + 1) + 1
                excerpt = " ".join(text[offset : start + last].split())
                found.append((offset, Claim(line, column, excerpt, rule.id, rule.advice)))
    return [claim for _, claim in sorted(found, key=lambda pair: (pair[0], pair[1].rule))]


def _readable(text: str) -> str:
    """`text` at the same length, with typographic apostrophes made plain and everything unread blanked out."""
    text = text.replace("’", "'").replace("\u00a0", " ").replace("\t", " ").replace("\r", " ")
    return _HIDDEN.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of sentences. A blank line, a heading and a list item end one; a plain line break does not."""
    for block in re.finditer(r"(?:[^\n]+\n?)+", text):
        lines = re.finditer(r"[^\n]+(?:\n(?!\s*(?:[-*+]|\d+\.|#)\s)[^\n]+)*", block.group())
        for piece in lines:
            base = block.start() + piece.start()
            for sentence in re.finditer(r"(?:[^.!?]|[.!?](?=\w))+[.!?]*", piece.group()):
                yield base + sentence.start(), base + sentence.end()


def _asks(sentence: str) -> bool:
    return sentence.rstrip().endswith("?") and bool(_ASKS.match(sentence.lower().lstrip("#*_- ")))


def _hits(rule: ClaimRule, sentence: str) -> Iterator[tuple[int, int]]:
    """Places of one rule in one sentence; overlapping finds of several patterns count once, denied ones not at all."""
    flat = sentence.replace("\n", " ")
    spans = sorted(match.span() for pattern in rule.patterns for match in pattern.finditer(flat))
    reached = -1
    for first, last in spans:
        if first < reached:
            continue
        if rule.stance != SUPPORTED and _DENIED_BEFORE.search(flat[:first].lower()):
            continue
        reached = last
        yield first, last
