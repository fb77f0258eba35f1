"""The body-region catalogue: slugs, sides, sensitivity, views and groups (clinical reference, section 1.2).

Slugs are stored in charts and must not be renamed. `sensitivity` says whether written consent is needed before
work there: `yes`, `partly` (part of the region), `restricted` (only trained, limited work: arteries), `no`.
Candidate SNOMED CT codes live in `data/snomed-candidates.toml`; they are unconfirmed and never primary keys.
"""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from unknot.kernel.errors import InvalidError

Laterality = Literal["left", "right", "bilateral", "midline"]
Sensitivity = Literal["no", "partly", "yes", "restricted"]
View = Literal["front", "back", "side"]

LATERALITIES: tuple[Laterality, ...] = ("left", "right", "bilateral", "midline")
PAIRED: tuple[Laterality, ...] = ("left", "right", "bilateral")
# Paired muscles beside the spine or breastbone: people also point at the middle.
AXIAL: tuple[Laterality, ...] = ("left", "right", "bilateral", "midline")
MIDLINE: tuple[Laterality, ...] = ("midline",)

ALL = "all"
UNSPECIFIED = "unspecified"
"""Region of a precaution whose place the client has not shown yet."""


class UnknownRegionError(InvalidError):
    """This body region is not in the catalogue. Nothing was saved; choose one of the listed regions."""

    code = "unknown-region"


@dataclass(frozen=True, slots=True)
class Region:
    """One body region. `includes` names the main structures for therapists; `near` the touching regions."""

    slug: str
    name: str
    includes: str
    lateralities: tuple[Laterality, ...]
    sensitivity: Sensitivity
    views: tuple[View, ...]
    near: tuple[str, ...]

    @property
    def default_laterality(self) -> Laterality:
        """Side assumed when none is given: both sides, the more careful reading."""
        return "midline" if self.lateralities == MIDLINE else "bilateral"


REGIONS: tuple[Region, ...] = (
    Region("head_scalp", "scalp, jaw and face", "temporalis, masseter", AXIAL, "no", ("front", "back", "side"),
           ("neck_post", "neck_ant")),
    Region("neck_post", "back of the neck", "suboccipitals, cervical extensors", AXIAL, "no", ("back",),
           ("head_scalp", "neck_ant", "shoulder", "upper_back")),
    Region("neck_ant", "front and side of the neck", "sternocleidomastoid, scalenes", AXIAL, "restricted",
           ("front", "side"), ("head_scalp", "neck_post", "shoulder", "chest")),
    Region("shoulder", "shoulder", "upper trapezius, deltoid, rotator cuff", PAIRED, "no", ("front", "back", "side"),
           ("neck_post", "neck_ant", "upper_back", "chest", "upper_arm")),
    Region("upper_back", "upper and mid back", "rhomboids, thoracic erectors", AXIAL, "no", ("back",),
           ("neck_post", "shoulder", "low_back", "chest")),
    Region("low_back", "low back", "lumbar erectors, quadratus lumborum, multifidus", AXIAL, "no", ("back",),
           ("upper_back", "sacrum", "gluteal", "abdomen")),
    Region("sacrum", "base of the spine", "sacrum, sacroiliac area", MIDLINE, "partly", ("back",),
           ("low_back", "gluteal")),
    Region("gluteal", "buttock and back of the hip", "gluteals, piriformis", PAIRED, "yes", ("back", "side"),
           ("low_back", "sacrum", "hip_ant", "thigh_post", "thigh_lat")),
    Region("hip_ant", "front and side of the hip", "tensor fasciae latae, approach to iliopsoas", PAIRED, "partly",
           ("front", "side"), ("abdomen", "gluteal", "thigh_ant", "thigh_lat", "thigh_inner")),
    Region("chest", "chest wall", "pectorals", AXIAL, "yes", ("front",),
           ("neck_ant", "shoulder", "upper_back", "abdomen")),
    Region("abdomen", "belly", "abdominal wall", MIDLINE, "partly", ("front",), ("chest", "hip_ant", "low_back")),
    Region("upper_arm", "upper arm", "biceps, triceps, brachialis", PAIRED, "no", ("front", "back", "side"),
           ("shoulder", "elbow")),
    Region("elbow", "elbow", "common flexor and extensor tendons", PAIRED, "no", ("front", "back", "side"),
           ("upper_arm", "forearm")),
    Region("forearm", "forearm", "wrist and finger flexors and extensors", PAIRED, "no", ("front", "back", "side"),
           ("elbow", "wrist")),
    Region("wrist", "wrist", "carpal area", PAIRED, "no", ("front", "back"), ("forearm", "hand")),
    Region("hand", "hand", "palm, thumb, fingers", PAIRED, "no", ("front", "back"), ("wrist",)),
    Region("thigh_post", "back of the thigh", "hamstrings", PAIRED, "no", ("back",),
           ("gluteal", "thigh_lat", "thigh_inner", "knee")),
    Region("thigh_ant", "front of the thigh", "quadriceps", PAIRED, "no", ("front",),
           ("hip_ant", "thigh_lat", "thigh_inner", "knee")),
    Region("thigh_lat", "outer thigh", "iliotibial band, vastus lateralis", PAIRED, "no", ("side",),
           ("hip_ant", "gluteal", "thigh_ant", "thigh_post", "knee")),
    Region("thigh_inner", "inner thigh", "adductors", PAIRED, "yes", ("front", "back"),
           ("hip_ant", "thigh_ant", "thigh_post", "knee")),
    Region("knee", "knee", "patellar area, back of the knee", PAIRED, "no", ("front", "back", "side"),
           ("thigh_ant", "thigh_post", "thigh_lat", "thigh_inner", "lower_leg")),
    Region("lower_leg", "lower leg", "calf, shin, peroneals", PAIRED, "no", ("front", "back", "side"),
           ("knee", "ankle")),
    Region("ankle", "ankle", "Achilles tendon, ankle joint", PAIRED, "no", ("front", "back", "side"),
           ("lower_leg", "foot")),
    Region("foot", "foot", "sole, arch, toes", PAIRED, "no", ("front", "back", "side"), ("ankle",)),
)  # fmt: skip

BY_SLUG: dict[str, Region] = {region.slug: region for region in REGIONS}
SLUGS: tuple[str, ...] = tuple(BY_SLUG)

ARMS = ("upper_arm", "elbow", "forearm", "wrist", "hand")
LEGS = ("thigh_post", "thigh_ant", "thigh_lat", "thigh_inner", "knee", "lower_leg", "ankle", "foot")

GROUPS: dict[str, tuple[str, ...]] = {
    ALL: SLUGS,
    "neck": ("neck_post", "neck_ant"),
    "head_neck": ("head_scalp", "neck_post", "neck_ant"),
    "spine": ("neck_post", "upper_back", "low_back", "sacrum"),
    "spine_ribs": ("neck_post", "upper_back", "low_back", "sacrum", "chest"),
    "back": ("upper_back", "low_back", "sacrum"),
    "hips": ("gluteal", "hip_ant"),
    "arms": ARMS,
    "legs": LEGS,
    "feet": ("ankle", "foot"),
}
GROUP_NAMES: dict[str, str] = {
    ALL: "the whole body", "neck": "the neck", "head_neck": "the head and neck", "spine": "the spine",
    "spine_ribs": "the spine and ribs", "back": "the back", "hips": "the hips", "arms": "the arms",
    "legs": "the legs", "feet": "the feet", UNSPECIFIED: "the place this is about",
}  # fmt: skip

# A limb with the quarter of the trunk that drains with it (lymphoedema, row C18).
ARM_QUARTER = (*ARMS, "shoulder", "chest", "upper_back")
LEG_QUARTER = (*LEGS, "gluteal", "hip_ant", "abdomen", "low_back", "sacrum")


def region_named(slug: str) -> Region:
    """The region with this slug. Raises `UnknownRegionError` naming it."""
    found = BY_SLUG.get(slug)
    if found is None:
        raise UnknownRegionError(f"There is no body region called {slug[:40]!r}.", field="regions")
    return found


def place_name(slug: str) -> str:
    """Plain words for a region, a group or the unspecified place ("your low back", "the legs")."""
    return GROUP_NAMES[slug] if slug in GROUP_NAMES else f"the {region_named(slug).name}"


def regions_in(place: str) -> tuple[str, ...]:
    """Region slugs that a region or group slug covers, in catalogue order. Raises `UnknownRegionError`."""
    return GROUPS[place] if place in GROUPS else (region_named(place).slug,)


def with_adjacent(slugs: tuple[str, ...]) -> tuple[str, ...]:
    """The regions and every region that touches one of them, in catalogue order."""
    wanted = set(slugs).union(*(region_named(slug).near for slug in slugs))
    return tuple(slug for slug in SLUGS if slug in wanted)


def with_quarter(slugs: tuple[str, ...]) -> tuple[str, ...]:
    """The regions widened to limb and trunk quarter, for lymph drainage; other regions widen to their neighbours."""
    wanted: set[str] = set(slugs)
    for slug in slugs:
        if slug in ARM_QUARTER:
            wanted.update(ARM_QUARTER)
        elif slug in LEG_QUARTER:
            wanted.update(LEG_QUARTER)
        else:
            wanted.update(region_named(slug).near)
    return tuple(slug for slug in SLUGS if slug in wanted)


@dataclass(frozen=True, slots=True)
class CodeCandidate:
    """A code seen in public code sets and not yet confirmed in the terminology browser."""

    region: str
    code: str
    name: str
    confidence: str


def snomed_candidates() -> tuple[CodeCandidate, ...]:
    """Unconfirmed SNOMED CT candidates per region; use needs an affiliate licence (see the data file)."""
    return _SNOMED


def _read_snomed() -> tuple[CodeCandidate, ...]:
    text = files("unknot.intake.domain").joinpath("data/snomed-candidates.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    return tuple(
        CodeCandidate(region_named(row["region"]).slug, row["code"], row["name"], content["confidence"])
        for row in content["candidate"]
    )


_SNOMED = _read_snomed()
