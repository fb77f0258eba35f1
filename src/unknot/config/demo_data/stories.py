"""What the made-up clients tell, want, rate and write. Numbers are plausible, nobody is real."""

from dataclasses import dataclass, field
from typing import Any

SAFE = {"R01": "no", "R05": "no", "R12": "no", "R15": "no", "C01": "no", "C02": "no", "C12": "no", "C23": "no"}
"""A few safety questions answered with no; the rest of the booking form is added by the history."""


@dataclass(frozen=True)
class Story:
    """How a client's half year went.

    `weeks`: visits, in weeks before now. `kinds`: kinds of service in turn. Pain starts at `pain` and drifts by `drift`
    a month; a visit takes away `relief` points that fade over `fading` days. `soreness` on the day after and on day
    three, after lighter and after deep visits. `upcoming`: days until the booked next visit, None for none. `signed`:
    the therapist signed the proposal after the last visit.
    """

    weeks: tuple[float, ...]
    kinds: tuple[str, ...]
    pain: float
    drift: float
    relief: float
    fading: float
    soreness: tuple[tuple[int, int], tuple[int, int]]
    goals: tuple[str, ...]
    levels: tuple[int, ...]
    guide: dict[str, str]
    screening: dict[str, str]
    regions: tuple[dict[str, Any], ...]
    words: str
    response: str
    home_care: tuple[str, ...]
    review: tuple[int, str] | None
    upcoming: int | None = None
    signed: bool = False
    noise: float = 0.55
    activities: dict[str, tuple[int, int]] = field(default_factory=dict)
    touch: dict[str, Any] = field(default_factory=dict)


STORIES = {
    "responder": Story(
        weeks=(25, 24, 23, 22, 20, 17, 14, 11, 8, 5, 2),
        kinds=("therapeutic", "therapeutic", "deep_tissue", "therapeutic"),
        pain=6.8,
        drift=-0.25,
        relief=1.15,
        fading=30,
        soreness=((1, 0), (2, 0)),
        goals=("Lift my daughter without thinking about it", "Drive to Jasper and still stand straight"),
        levels=(-1, 1),
        guide={"G1": "yes", "G3": "yes", "D3": "yes", "E1": "no", "E3": "yes", "L1": "yes", "P1": "yes", "S3": "yes"},
        screening={},
        regions=(
            {"region": "low_back", "laterality": "left", "intensity": 6, "quality": "aching"},
            {"region": "upper_back", "laterality": "bilateral", "intensity": 3, "quality": "tight"},
        ),
        words="Stiff in the morning, better once moving. Long days at the desk.",
        response="Breathed out early, left side softer at the end, turned over without holding the table.",
        home_care=("A ten-minute walk after lunch", "Stand up once an hour"),
        review=(5, "Listens first, then works. I knew what was coming, and I could say softer at any time."),
        upcoming=9,
        signed=True,
        activities={"lift my daughter": (3, 8), "sit through a meeting": (4, 8)},
    ),
    "steady": Story(
        weeks=(24, 23, 22, 21, 18, 15, 12, 9, 6, 3),
        kinds=("therapeutic", "relaxation"),
        pain=5.2,
        drift=-0.1,
        relief=0.55,
        fading=24,
        soreness=((0, 0), (1, 0)),
        goals=("Sleep through the night again",),
        levels=(-1, 0),
        guide={"G5": "yes", "G3": "yes", "D2": "yes", "E1": "no", "L1": "yes", "P2": "yes"},
        screening={"C05": "yes"},
        regions=(
            {"region": "neck_post", "laterality": "bilateral", "intensity": 5, "quality": "tight"},
            {"region": "shoulder", "laterality": "right", "intensity": 4, "quality": "aching"},
        ),
        words="Neck tight by evening, wakes around four.",
        response="Quiet throughout, shoulders lower, asked for the same next time.",
        home_care=("Screen at eye height", "Slow breathing before bed"),
        review=(5, "Calm room, no hurry, and the right amount of talk, which for me is none."),
        touch={"off_limits": ["foot"], "talking": "quiet", "comforts": ["light"], "signal": "I raise one hand"},
    ),
    "non_responder": Story(
        weeks=(16, 15, 14, 13, 12, 11, 9, 7, 5, 3, 1.5),
        kinds=("therapeutic", "deep_tissue"),
        pain=4.6,
        drift=0.0,
        relief=-0.4,
        fading=30,
        noise=0.35,
        soreness=((1, 0), (2, 1)),
        goals=("Work a full shift without sitting down",),
        levels=(-2,),
        guide={"G1": "yes", "D3": "yes", "E1": "no", "E2": "yes", "L3": "yes", "P1": "yes"},
        screening={},
        regions=({"region": "low_back", "laterality": "midline", "intensity": 6, "quality": "stiff"},),
        words="No better since the start, rather worse. Worst at the end of a shift.",
        response="Pleasant during the hour; ratings afterwards hardly move.",
        home_care=("Keep walking as usual",),
        review=(4, "Kind and honest. Told me plainly that the numbers do not move and what else I could try."),
    ),
    "sore_after_deep": Story(
        weeks=(10.6, 9.6, 8.8, 7.4, 6.4, 5.4, 4.4, 0.62),
        kinds=("deep_tissue", "deep_tissue", "therapeutic", "deep_tissue"),
        pain=6.1,
        drift=-0.1,
        relief=0.6,
        fading=21,
        soreness=((2, 0), (6, 4)),
        goals=("Run ten kilometres in spring",),
        levels=(-1,),
        guide={"G2": "yes", "D3": "yes", "E1": "no", "E4": "yes", "L3": "yes", "P1": "yes", "S3": "yes"},
        screening={},
        regions=(
            {"region": "thigh_post", "laterality": "right", "intensity": 5, "quality": "tight"},
            {"region": "lower_leg", "laterality": "right", "intensity": 4, "quality": "tender"},
        ),
        words="Hamstring tight after intervals. Was sore for days after firm work.",
        response="Wanted it firm; asked for lighter twice. Went down a level each time.",
        home_care=("Easy running only for two days",),
        review=(3, "Strong hands. I was sore for three days after; we agreed to go easier and that helped."),
        upcoming=12,
    ),
    "home_visits": Story(
        weeks=(21, 20, 19, 17, 14, 11, 8, 5, 2.2),
        kinds=("therapeutic",),
        pain=5.9,
        drift=-0.15,
        relief=0.7,
        fading=28,
        soreness=((1, 0), (2, 1)),
        goals=("Carry the shopping up two floors", "Kneel in the garden"),
        levels=(0, -1),
        guide={"G1": "yes", "G2": "yes", "D3": "yes", "E1": "no", "L4": "yes", "P2": "yes"},
        screening={"C59": "no", "C12": "yes"},
        regions=(
            {"region": "knee", "laterality": "left", "intensity": 4, "quality": "stiff"},
            {"region": "low_back", "laterality": "bilateral", "intensity": 5, "quality": "aching"},
        ),
        words="Stairs are slow. Better on days with some walking.",
        response="Light pressure was enough; legs felt warmer and easier to bend.",
        home_care=("Five slow sit-to-stands, twice a day",),
        review=(5, "She came to the house, set everything up quietly and left it as she found it."),
        touch={"covering": "dressed", "asking": "each", "comforts": ["no_prone", "company"]},
        upcoming=6,
    ),
}

GUEST_NAMES = (
    "Alba Renner", "Bram Oosterhuis", "Cleo Vantongeren", "Dario Pellegrin", "Edda Hallgrim", "Finn Castellane",
    "Greta Mossberg", "Hugo Larkspur", "Ida Quillfeather", "Jonas Threlkeld", "Kiran Dasgupta", "Lotte Barnswallow",
    "Milo Fairweather", "Nadine Aubrac", "Otis Hartwell", "Pia Lindgarten", "Quentin Marlowe", "Rosa Tamarind",
    "Stellan Birk", "Tilda Ashgrove", "Ursel Kettering", "Viggo Dahlberg", "Wren Abelson", "Xenia Polder",
    "Yusra Halim", "Zeno Brightling", "Amos Fenwick", "Bettina Korrel", "Cyril Ondine", "Delphine Marsh",
    "Emeka Obiora", "Flora Pennant", "Gideon Sallow", "Hedda Nyland", "Ismail Tarek", "Juno Wexford",
)  # fmt: skip

GUEST_REVIEWS = (
    (5, "On time, clear, gentle. I will come again."),
    (5, "Asked three times whether the pressure was right, and meant it."),
    (5, ""),
    (4, "Good work, the room was a little cool."),
    (5, "I was nervous before my first massage and did not need to be."),
    (4, ""),
    (5, "Explains what and why in normal words."),
    (3, "Fine, but parking took longer than the walk from the bus."),
    (5, "The plan on the screen made sense, and we changed it together."),
    (5, "Quiet hands, quiet room."),
    (4, "Easy to book, easy to move when my shift changed."),
    (5, ""),
)
