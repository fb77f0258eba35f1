"""Claims that evidence does not carry are found; statements that only sound alike are not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unknot.website.domain import CLAIM_RULES, CLAIM_RULES_VERSION, Claim, claim_rule, find_claims

TRUE_HITS = [
    ("toxins", "Deep tissue massage releases toxins."),
    ("toxins", "Drink plenty of water to flush them out."),
    ("toxins", "It helps your body get rid of metabolic waste."),
    ("toxins", "Afterwards toxins are flushed away."),
    ("toxins", "A detoxifying massage for spring."),
    ("toxins", "It removes lactic acid from tired legs."),
    ("toxins", "It not only releases toxins but relaxes."),
    ("adhesions", "It helps break down adhesions and scar tissue."),
    ("adhesions", "Breaking up knots takes time."),
    ("inflammation", "Massage helps reduce inflammation."),
    ("inflammation", "An anti-inflammatory effect sets in."),
    ("circulation", "It boosts blood flow."),
    ("circulation", "It improves circulation."),
    ("circulation", "Expect faster healing."),
    ("circulation", "It promotes healing."),
    ("posture", "It corrects poor posture."),
    ("posture", "It fixes muscle imbalances."),
    ("posture", "Regular visits prevent future injuries."),
    ("nerves", "It relieves pressure on nerves."),
    ("nerves", "It frees trapped nerves."),
    ("root_cause", "Deep work reaches the root causes."),
    ("root_cause", "We treat the underlying cause."),
    ("flexibility", "It improves flexibility."),
    ("flexibility", "It increases your range of motion."),
    ("deep_after_light", "Deep tissue is for when lighter massage has failed."),
    ("deep_after_light", "Choose it if light pressure gave limited results."),
    ("superlatives", "A transformative treatment."),
    ("superlatives", "It brings significant relief."),
    ("superlatives", "Massage is a powerful tool."),
    ("superlatives", "It cures chronic back pain."),
    ("more_pressure", "No pain, no gain."),
    ("more_pressure", "The deeper the better."),
    ("length", "Book 60 to 90 minutes."),
    ("length", "Sessions of 60–90 minutes."),
]

NEAR_MISSES = [
    "Massage does not flush toxins.",
    "Massage doesn’t remove toxins or lactic acid.",
    "There is no evidence that massage improves circulation.",
    "It is a myth that massage breaks down scar tissue.",
    "Does massage reduce inflammation?",
    "Tell your therapist about scar tissue, acute inflammation and poor circulation.",
    "We do not massage where there is inflammation.",
    "Botulinum toxin injections need a two-week wait.",
    "My significant other booked a 60 minute visit.",
    "Your posture at a desk matters little.",
    "The therapist adjusts pressure throughout.",
    "Numbness? A nerve may be involved: see a doctor.",
    "Book 60 or 75 or 90 minutes.",
    "Our rules prevent double bookings.",
    "We clear the room of waste.",
    "Drink if you are thirsty.",
    "Firm work can make tight areas feel easier for a while.",
    "Movement may feel freer.",
    "It may help you move more comfortably.",
    "Worth trying firmer if you like.",
    "60 minutes is the length used in studies.",
    "See https://x.example/massage-releases-toxins for the paper.",
    "Modest, short-term relief for some people.",
    (
        "In studies, people with long-lasting back pain who had about ten weekly one-hour massages reported less pain "
        "and did more at ten weeks than people with usual care. Firm and relaxing styles did about equally well. "
        "Benefits shrink over months, and staying active matters."
    ),
]


@pytest.mark.parametrize(("rule", "text"), TRUE_HITS)
def test_true_hits(rule: str, text: str) -> None:
    assert [claim.rule for claim in find_claims(text)] == [rule]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_near_misses(text: str) -> None:
    assert find_claims(text) == []


def test_every_rule_has_a_true_hit_and_says_why() -> None:
    supported = {rule.id for rule in CLAIM_RULES.values() if rule.stance == "supported"}
    assert {rule for rule, _ in TRUE_HITS} | supported == set(CLAIM_RULES)
    for rule in CLAIM_RULES.values():
        assert rule.why
        assert rule.advice
        assert rule.source
        assert rule.confidence in {"V", "V-", "K", "P"}
        assert rule.review_by > date(2026, 11, 20)
    assert CLAIM_RULES_VERSION == "2026.1"


def test_our_own_wording_never_needs_rewording() -> None:
    assert [find_claims(rule.advice) for rule in CLAIM_RULES.values()] == [[]] * len(CLAIM_RULES)


def test_what_may_stay_is_listed_on_request() -> None:
    text = "Soreness for a day or two is normal. Deep work need not hurt."
    assert find_claims(text) == []
    assert [claim.rule for claim in find_claims(text, include_supported=True)] == ["soreness", "need_not_hurt"]


def test_places_survive_line_breaks_markup_and_links() -> None:
    text = "# Hello\n\nIt releases tension and\n**toxins** from [the body](/toxins).\n\n- It improves\n  circulation"
    assert find_claims(text) == [
        Claim(3, 4, "releases tension and **toxins", "toxins", claim_rule("toxins").advice),
        Claim(6, 3 + 3, "improves circulation", "circulation", claim_rule("circulation").advice),
    ]


@given(st.text(max_size=200), st.sampled_from([text for _, text in TRUE_HITS]))
def test_a_claim_in_its_own_paragraph_is_found_whatever_stands_around_it(around: str, claim: str) -> None:
    around = around.replace("`", "")
    found = find_claims(f"{around}\n\n{claim}\n\n{around}")
    assert find_claims(claim)[0].rule in [one.rule for one in found]
