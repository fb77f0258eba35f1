"""The screening rules as typed values, read from `data/screening-<version>.toml` (clinical reference, section 3).

The data file explains each field. A packaging fault (unknown region, missing words) raises ValueError at import.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from unknot.intake.domain.regions import regions_in
from unknot.intake.domain.rulebook import UnknownRulesVersionError, read_mark, rule_files

EffectKind = Literal[
    "emergency", "crisis", "urgent", "md_first", "clear", "not_today", "review",
    "avoid", "cap", "pos", "tech_minus", "product", "note",
]  # fmt: skip
EFFECT_KINDS: tuple[EffectKind, ...] = get_args(EffectKind)
MARKED_WORDS = ("marked", "marked_only", "marked_adjacent", "marked_quarter")
DEFAULT_DAYS = 90


@dataclass(frozen=True, slots=True)
class Effect:
    """One consequence of a yes. `n` is a Walton level (0-5); `if_any` ids of which one has to be yes as well."""

    do: EffectKind
    n: int | None
    items: tuple[str, ...]
    where: str
    within: str
    default: str
    if_any: tuple[str, ...]
    confidence: str
    advise: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A closer question to a row. `implies`: a yes here makes the row count as yes even if it was not answered so."""

    id: str
    ask: str
    implies: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One screening question with its effects, reason and source. `days` = how long an answer stands."""

    id: str
    ask: str
    check: str
    effects: tuple[Effect, ...]
    why: str
    source: str
    confidence: str
    days: int
    overridable: bool
    not_sure_is_yes: bool
    site: bool
    follow_ups: tuple[FollowUp, ...]

    def can(self, *kinds: EffectKind) -> bool:
        """Whether any effect of the row, follow-ups included, is of one of these kinds."""
        return any(effect.do in kinds for effect in self.effects)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows asked together on one page; rows in `later` belong to the full health history, not to booking."""

    id: str
    page: str
    title: str
    intro: str
    rows: tuple[str, ...]
    later: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdviceText:
    """What to do instead: words, a number to call or text if there is one, and the confidence mark."""

    text: str
    call: str | None
    confidence: str


@dataclass(frozen=True)
class ScreeningRules:
    """One released rule set."""

    version: str
    rows: Mapping[str, Row]
    parent_of: Mapping[str, str]
    groups: tuple[Group, ...]
    changed: Group
    advice: Mapping[str, AdviceText]
    words: Mapping[str, str]
    levels: Mapping[int, str]
    item_words: Mapping[str, Mapping[str, str]]
    safety_net: str

    @property
    def known_ids(self) -> frozenset[str]:
        """Ids that may be answered: rows and their follow-ups."""
        return frozenset(self.rows) | frozenset(self.parent_of)


def screening_rules(version: str | None = None) -> ScreeningRules:
    """The released rule set of one version, or the newest. A practice's own version (`2026.1+3`) asks the same
    questions for the same reasons as the one it rests on, which is what comes back.

    Raises `UnknownRulesVersionError`.
    """
    if version is None:
        return _RULES[SCREENING_VERSION]
    if base_of(version) not in _RULES:
        raise UnknownRulesVersionError("screening", version, tuple(_RULES))
    return _RULES[base_of(version)]


def base_of(version: str) -> str:
    """The released version that a practice's version (`2026.1+3`) rests on."""
    return version.partition("+")[0]


def _read_effect(raw: Mapping[str, Any], row_mark: str, row_id: str) -> Effect:
    do: EffectKind = raw["do"]
    where, default, within = raw.get("where", ""), raw.get("default", ""), raw.get("within", "")
    if do not in EFFECT_KINDS:
        raise ValueError(f"{row_id}: unknown effect {do!r}")
    if (do in ("cap", "avoid")) != bool(where):
        raise ValueError(f"{row_id}: {do} and its place do not agree")
    for place in (where, default, within):
        if place and place not in MARKED_WORDS:
            regions_in(place)
    n = raw.get("n")
    if (do == "cap") != (n in range(6)):
        raise ValueError(f"{row_id}: a cap needs a level from 0 to 5")
    # Published lists hardly ever give pressure numbers: a cap is our proposal unless the row says otherwise.
    mark = read_mark(raw.get("mark", "P" if do == "cap" else row_mark), row_id)
    return Effect(
        do, n, tuple(raw.get("items", ())), where, within, default, tuple(raw.get("if", ())), mark,
        raw.get("advise", ""),
    )  # fmt: skip


def _read_row(raw: Mapping[str, Any]) -> Row:
    row_id = raw["id"]
    mark = read_mark(raw["confidence"], row_id)
    return Row(
        id=row_id,
        ask=raw["ask"],
        check=raw.get("check", ""),
        effects=tuple(_read_effect(effect, mark, row_id) for effect in raw["effects"]),
        why=raw["why"],
        source=raw["source"],
        confidence=mark,
        days=raw.get("days", DEFAULT_DAYS),
        overridable=raw.get("overridable", True),
        not_sure_is_yes=raw.get("not_sure_is_yes", False),
        site=raw.get("site", False),
        follow_ups=tuple(
            FollowUp(item["id"], item["ask"], item.get("implies", False)) for item in raw.get("follow_ups", ())
        ),
    )


def _read_group(raw: Mapping[str, Any], *, group_id: str, page: str) -> Group:
    return Group(group_id, page, raw["title"], raw["intro"], tuple(raw["rows"]), tuple(raw.get("later", ())))


def _check(rules: ScreeningRules) -> ScreeningRules:
    """Raise ValueError where parts of a rule file do not agree with each other."""
    for row in rules.rows.values():
        for effect in row.effects:
            words = rules.item_words.get(effect.do)
            if words is not None and not (effect.items and set(effect.items) <= set(words)):
                raise ValueError(f"{row.id}: items of {effect.do} without words")
            if not set(effect.if_any) <= rules.known_ids:
                raise ValueError(f"{row.id}: condition on an unknown id")
    grouped = [row_id for group in rules.groups for row_id in group.rows]
    if sorted(grouped) != sorted(rules.rows):
        raise ValueError("every row has to stand in exactly one group")
    if not set(rules.changed.rows) <= set(rules.rows):
        raise ValueError("an unknown row is asked of returning clients")
    return rules


def _read_rules(raw: Mapping[str, Any]) -> ScreeningRules:
    rows = [_read_row(item) for item in raw["row"]]
    by_id = {row.id: row for row in rows}
    parent_of = {item.id: row.id for row in rows for item in row.follow_ups}
    if len(by_id) != len(rows) or set(parent_of) & set(by_id):
        raise ValueError("a row id is used twice")
    return _check(
        ScreeningRules(
            version=raw["version"],
            rows=by_id,
            parent_of=parent_of,
            groups=tuple(_read_group(item, group_id=item["id"], page=item["page"]) for item in raw["group"]),
            changed=_read_group(raw["changed"], group_id="changed", page="changed"),
            advice={
                kind: AdviceText(item["text"], item.get("call"), read_mark(item["confidence"], kind))
                for kind, item in raw["advice"].items()
            },
            words=raw["words"],
            levels={int(level): name for level, name in raw["levels"].items()},
            item_words={"pos": raw["positions"], "tech_minus": raw["techniques"], "product": raw["products"]},
            safety_net=raw["safety_net"],
        )
    )


_RULES: dict[str, ScreeningRules] = {version: _read_rules(raw) for version, raw in rule_files("screening").items()}
SCREENING_VERSIONS: tuple[str, ...] = tuple(_RULES)
SCREENING_VERSION: str = SCREENING_VERSIONS[-1]
"""The newest released version, used for new answers."""
