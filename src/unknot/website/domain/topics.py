"""Which body region an article is about, so that it can hand its reader to the guide with that region chosen.

Regions are the slugs of the clinical reference, section 1.2. Tags decide before the title; no match gives no region.
"""

import re
from collections.abc import Iterable

# Longer phrases first: "low back" before "back".
_WORDS: tuple[tuple[str, str], ...] = (
    ("low back", "low_back"),
    ("lower back", "low_back"),
    ("lumbar", "low_back"),
    ("sciatica", "low_back"),
    ("upper back", "upper_back"),
    ("mid back", "upper_back"),
    ("jaw", "head_scalp"),
    ("tmj", "head_scalp"),
    ("headache", "head_scalp"),
    ("neck", "neck_post"),
    ("shoulder", "shoulder"),
    ("hip", "hip_ant"),
    ("hamstring", "thigh_post"),
    ("knee", "knee"),
    ("calf", "lower_leg"),
    ("foot", "foot"),
    ("feet", "foot"),
    ("wrist", "wrist"),
    ("forearm", "forearm"),
    ("back pain", "low_back"),
)


def region_of(*, title: str, tags: Iterable[str]) -> str:
    """The slug of the region that the tags, else the title, name first in the table; "" if none does."""
    for text in (" | ".join(tags), title):
        plain = " ".join(re.sub(r"[^a-z|]+", " ", text.lower()).split())
        for words, region in _WORDS:
            if re.search(rf"\b{words}s?\b", plain):
                return region
    return ""


def region_words(region: str) -> str:
    """How a region that `region_of` gives reads in a sentence ("low back"); "" for none."""
    return {"head_scalp": "head and jaw", "neck_post": "neck", "hip_ant": "hip", "thigh_post": "thigh"}.get(
        region, region.replace("_", " ")
    )
