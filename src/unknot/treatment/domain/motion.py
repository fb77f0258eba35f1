"""Range of movement in degrees: which movement, on which side, done by the client (active) or the therapist (passive).

Degrees are written down as measured, from the neutral position, 0 to 200. There are no norms here: the comparison is
with the same person, before and after, measured the same way. Source: clinical reference 1.1 (AROM, PROM), 4.1 phase 5.
"""

from dataclasses import dataclass

from unknot.kernel.errors import InvalidError

MOVEMENTS = {
    "flexion": "flexion",
    "extension": "extension",
    "side_bending": "side-bending",
    "rotation": "rotation",
    "abduction": "abduction",
    "adduction": "adduction",
    "rotation_in": "inward rotation",
    "rotation_out": "outward rotation",
    "straight_leg_raise": "straight leg raise",
    "dorsiflexion": "foot up",
    "plantarflexion": "foot down",
    "pronation": "palm down",
    "supination": "palm up",
    "opening": "opening of the jaw",
}
WAYS = ("active", "passive")
MOST_DEGREES = 200


class MotionInvalidError(InvalidError):
    """Degrees run from 0 to 200, and need a movement from the list. The note was kept as a draft."""

    code = "motion-invalid"


@dataclass(frozen=True, slots=True)
class Motion:
    """One movement, measured in whole degrees before the session and, if it was measured again, after it.

    Raises MotionInvalidError for a movement, way or number that can't be.
    """

    movement: str
    way: str = "active"
    before: int | None = None
    after: int | None = None

    def __post_init__(self) -> None:
        if self.movement not in MOVEMENTS or self.way not in WAYS:
            raise MotionInvalidError(field="movement")
        if any(value is not None and not 0 <= value <= MOST_DEGREES for value in (self.before, self.after)):
            raise MotionInvalidError(field="movement")

    @property
    def gained(self) -> int | None:
        """Degrees more than before (negative: less), None unless both were measured."""
        return None if self.before is None or self.after is None else self.after - self.before
