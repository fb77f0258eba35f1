"""Each row answered yes alone yields the effects that the clinical reference states (sections 3a and 3b)."""

import pytest

from unknot.intake.domain import Outcome, ScreeningResult, read_answers, screen
from unknot.intake.domain.screening_rules import screening_rules

# Written from the reference by hand: outcome, then effects ("cap 2 legs", "avoid low_back"). The complaint is the low
# back, so rows about "the area" apply there. `tech`, `pos`, `product` name the slug; of a range (1-2) the lower stands.
TABLE: dict[str, tuple[str, set[str]]] = {
    "R01": ("emergency", {"emergency"}),
    "R02": ("emergency", {"emergency"}),
    "R03": ("emergency", {"emergency"}),
    "R04": ("emergency", {"emergency"}),
    "R05": ("emergency", {"emergency"}),
    "R06": ("urgent", {"urgent"}),
    "R07": ("emergency", {"emergency"}),
    "R08": ("doctor_first", {"md_first"}),
    "R09": ("doctor_first", {"md_first"}),
    "R10": ("urgent", {"urgent"}),
    "R11": ("urgent", {"urgent"}),
    "R12": ("urgent", {"urgent"}),
    "R13": ("urgent", {"urgent"}),
    "R14": ("emergency", {"emergency"}),
    "R15": ("emergency", {"emergency"}),
    "R16": ("emergency", {"emergency"}),
    "R17": ("emergency", {"emergency"}),
    "R18": ("emergency", {"emergency"}),
    "R19": ("urgent", {"urgent", "avoid legs"}),
    "R20": ("emergency", {"emergency"}),
    "R21": ("urgent", {"urgent"}),
    "R22": ("clear", {"note suggest_doctor"}),
    "R23": ("urgent", {"urgent"}),
    "R24": ("emergency", {"emergency"}),
    "R25": ("emergency", {"emergency"}),
    "R26": ("urgent", {"crisis"}),
    "R27": ("review", {"review"}),
    "R28": ("clear", {"note"}),
    "C01": ("not_today", {"not_today"}),
    "C02": ("not_today", {"not_today"}),
    "C03": ("doctor_first", {"md_first", "avoid low_back"}),
    "C04": ("doctor_first", {"md_first"}),
    "C05": ("adapt", {"pos slow_rise", "cap 4 all"}),
    "C06": ("doctor_first", {"clear", "cap 2 all"}),
    "C07": ("doctor_first", {"clear", "cap 2 all"}),
    "C08": ("doctor_first", {"clear", "cap 2 all"}),
    "C09": ("urgent", {"urgent", "not_today"}),
    "C10": ("doctor_first", {"clear", "cap 2 legs", "avoid unspecified"}),
    "C11": ("doctor_first", {"clear", "avoid abdomen", "avoid neck", "cap 2 all"}),
    "C12": ("review", {"review", "tech elbow", "tech muscle_stripping", "tech friction", "cap 3 all"}),
    "C13": ("adapt", {"note", "cap 4 all"}),
    "C14": ("doctor_first", {"clear", "cap 2 all"}),
    "C15": ("doctor_first", {"clear", "cap 1 all"}),
    "C16": ("doctor_first", {"clear oncology", "cap 2 all", "avoid unspecified"}),
    "C17": (
        "doctor_first",
        {"clear", "avoid low_back", "cap 1 low_back", "cap 1 upper_back", "cap 1 sacrum", "cap 1 gluteal",
         "cap 1 abdomen"},
    ),
    "C18": (
        "review",
        {"review", "tech deep_pressure", "tech heat"}
        | {f"cap 1 {slug}" for slug in ("thigh_post", "thigh_ant", "thigh_lat", "thigh_inner", "knee", "lower_leg",
                                        "ankle", "foot", "gluteal", "hip_ant", "abdomen", "low_back", "sacrum")},
    ),
    "C19": ("adapt", {"avoid low_back"}),
    "C20": (
        "adapt",
        {"pos well_supported", "tech elbow", "tech tapotement", "tech thrust", "cap 3 all", "cap 2 spine_ribs"},
    ),
    "C21": ("review", {"review", "cap 3 all"}),
    "C22": ("adapt", {"avoid low_back"}),
    "C23": ("adapt", {"avoid low_back"}),
    "C24": ("review", {"review", "cap 2 low_back"}),
    "C25": ("adapt", {"avoid low_back"}),
    "C26": ("doctor_first", {"clear", "cap 2 all", "avoid unspecified", "note"}),
    "C27": ("doctor_first", {"clear", "tech strong_stretch", "cap 3 spine"}),
    "C28": (
        "review",
        {"review", "pos pillow_abdomen_knees", "tech sustained_low_back_pressure", "tech end_range_stretch",
         "cap 3 low_back", "cap 3 gluteal"},
    ),
    "C29": ("review", {"review", "cap 3 all"}),
    "C30": ("adapt", {"tech end_range_stretch", "cap 3 all"}),
    "C31": ("adapt", {"cap 2 all", "note"}),
    "C32": ("adapt", {"pos early_pregnancy_comfort", "avoid abdomen", "cap 3 all"}),
    "C33": ("adapt", {"pos side_or_semi_reclined", "avoid abdomen", "cap 3 all", "cap 2 legs"}),
    "C34": ("doctor_first", {"clear", "cap 2 all"}),
    "C35": ("review", {"review", "avoid abdomen", "cap 3 all", "cap 2 legs"}),
    "C36": ("review", {"review", "cap 2 legs"}),
    "C37": ("review", {"review", "cap 2 low_back"}),
    "C38": ("doctor_first", {"clear", "cap 2 low_back"}),
    "C39": ("review", {"review", "cap 4 all"}),
    "C40": ("doctor_first", {"md_first"}),
    "C41": ("doctor_first", {"md_first"}),
    "C42": ("adapt", {"avoid neck_ant", "tech end_range_rotation", "cap 2 neck"}),
    "C43": ("adapt", {"cap 3 head_neck", "note"}),
    "C44": ("review", {"avoid unspecified", "cap 2 legs"}),
    "C45": ("adapt", {"avoid low_back"}),
    "C46": ("review", {"review", "avoid low_back"}),
    "C47": ("adapt", {"product skin_check", "cap 2 low_back"}),
    "C48": ("adapt", {"product allergy_check"}),
    "C49": ("adapt", {"avoid low_back"}),
    "C50": ("adapt", {"avoid low_back", "tech vibration_device"}),
    "C51": ("adapt", {"pos off_implant", "cap 3 low_back"}),
    "C52": ("adapt", {"avoid head_scalp", "pos no_face_cradle"}),
    "C53": ("adapt", {"avoid low_back"}),
    "C54": ("adapt", {"avoid abdomen"}),
    "C55": ("adapt", {"pos semi_reclined", "cap 4 all"}),
    "C56": ("adapt", {"cap 3 all"}),
    "C57": ("review", {"review", "cap 3 all"}),
    "C58": ("review", {"review", "pos client_chosen", "avoid unspecified"}),
    "C59": ("adapt", {"tech elbow", "tech friction", "cap 3 all"}),
    "C60": ("review", {"review", "cap 3 low_back", "note"}),
}  # fmt: skip

# Follow-ups answered yes together with their row: the outcome and what comes in addition.
FOLLOW_UPS: dict[str, tuple[str, set[str]]] = {
    "R06a": ("emergency", {"emergency"}),
    "R10a": ("emergency", {"emergency"}),
    "R27a": ("doctor_first", {"md_first"}),
    "C12a": ("review", {"cap 2 all"}),
    "C13a": ("adapt", {"cap 3 all"}),
    "C25a": ("doctor_first", {"md_first"}),
    "C36a": ("doctor_first", {"clear"}),
    "C46a": ("not_today", {"not_today"}),
    "C46b": ("urgent", {"urgent"}),
    "C47a": ("adapt", {"avoid low_back"}),
    "C48a": ("review", {"review"}),
    "C53a": ("not_today", {"not_today"}),
    "C54a": ("doctor_first", {"md_first"}),
    "C56a": ("not_today", {"not_today"}),
    "C57a": ("review", {"cap 2 all"}),
}
NEVER_OVERRIDABLE = {"R01", "R02", "R03", "R04", "R05", "R06", "R07", "R14", "R15", "R16", "R17", "R18", "R20", "R24",
                     "R25"}  # fmt: skip
COMPLAINT = [{"region": "low_back", "laterality": "left"}]
SHORT = {"tech_minus": "tech"}


def effects_of(result: ScreeningResult) -> set[str]:
    found = set()
    for item in result.precautions:
        words = [SHORT.get(item.effect, item.effect)]
        if item.pressure_cap is not None:
            words.append(str(item.pressure_cap))
        if item.effect in ("cap", "avoid"):
            words.append(item.region)
        if item.detail is not None:
            words.append(item.detail)
        found.add(" ".join(words))
    return found


@pytest.mark.parametrize("row", TABLE)
def test_a_row_alone_yields_its_effects(row: str) -> None:
    result = screen(read_answers({row: "yes", "regions": COMPLAINT}))
    assert (result.outcome.value, effects_of(result)) == TABLE[row]


@pytest.mark.parametrize("follow_up", FOLLOW_UPS)
def test_a_follow_up_sharpens_its_row(follow_up: str) -> None:
    row = follow_up[:3]
    before = effects_of(screen(read_answers({row: "yes", "regions": COMPLAINT})))
    result = screen(read_answers({row: "yes", follow_up: "yes", "regions": COMPLAINT}))
    outcome, added = FOLLOW_UPS[follow_up]
    assert (result.outcome.value, effects_of(result) - before) == (outcome, added)


def test_every_row_and_follow_up_is_in_the_table() -> None:
    rules = screening_rules()
    expected = [f"R{n:02}" for n in range(1, 29)] + [f"C{n:02}" for n in range(1, 61)]
    assert list(rules.rows) == expected == list(TABLE)
    assert set(rules.parent_of) == set(FOLLOW_UPS)


def test_rows_that_are_never_overridable() -> None:
    assert {row.id for row in screening_rules().rows.values() if not row.overridable} == NEVER_OVERRIDABLE


def test_not_sure_counts_as_yes_for_r01_to_r05_only() -> None:
    found = {row: screen(read_answers({row: "not_sure"})).outcome for row in TABLE}
    emergencies = {row for row, outcome in found.items() if outcome is Outcome.EMERGENCY}
    assert emergencies == {"R01", "R02", "R03", "R04", "R05"}
    assert {outcome for row, outcome in found.items() if row not in emergencies} == {Outcome.REVIEW}


@pytest.mark.parametrize("row", TABLE)
def test_preferring_not_to_say_leads_to_a_talk(row: str) -> None:
    assert screen(read_answers({row: "prefer_not"})).outcome is Outcome.REVIEW


@pytest.mark.parametrize("row", TABLE)
def test_no_leads_to_nothing(row: str) -> None:
    result = screen(read_answers({row: "no"}))
    assert (result.outcome, result.precautions, result.caps) == (Outcome.CLEAR, (), ())


def test_every_row_says_why_and_whence_with_its_mark() -> None:
    for row in screening_rules().rows.values():
        assert row.ask.endswith(("?", "?)", ".)"))
        assert row.why.endswith(".")
        assert row.source
        assert row.confidence in ("V", "V-", "K", "P")
        assert bool(row.check) == row.not_sure_is_yes
