"""Articles: reading, repairing, rendering, and checking what they claim."""

from unknot.website.domain.characters import Repaired, repair, repair_characters
from unknot.website.domain.claims import (
    CLAIM_RULES,
    CLAIM_RULES_VERSION,
    Claim,
    ClaimRule,
    claim_rule,
    find_claims,
)
from unknot.website.domain.findings import BODY, FRONT_MATTER, Problem, Repair
from unknot.website.domain.front_matter import ImportedPost, ImportResult, read_post
from unknot.website.domain.render import Heading, Picture, RenderedArticle, pictures_in, plain_text, render_article
from unknot.website.domain.slugs import slug_of
from unknot.website.domain.topics import region_of, region_words

__all__ = [
    "BODY",
    "CLAIM_RULES",
    "CLAIM_RULES_VERSION",
    "FRONT_MATTER",
    "Claim",
    "ClaimRule",
    "Heading",
    "ImportResult",
    "ImportedPost",
    "Picture",
    "Problem",
    "RenderedArticle",
    "Repair",
    "Repaired",
    "claim_rule",
    "find_claims",
    "pictures_in",
    "plain_text",
    "read_post",
    "region_of",
    "region_words",
    "render_article",
    "repair",
    "repair_characters",
    "slug_of",
]
