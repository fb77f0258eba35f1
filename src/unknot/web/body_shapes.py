"""The drawing of the body map: half figures as points, mirrored and smoothed into SVG paths.

Units are those of the view box, 200 wide and 480 high, with the middle of the body at x = 100. A half is drawn on the
viewer's right; its mirror is computed. The outline clips every region, so regions only need to be right where they
touch each other. In the front view the viewer's right is the person's left; in the back view it is the person's right.
"""

from collections.abc import Sequence

Point = tuple[float, float]

VIEW_WIDTH = 200
VIEW_HEIGHT = 480
MIDDLE = 100.0

# Offsets from the middle, from the top of the head down the outside of the arm, up its inside, down the trunk and leg,
# and up the inside of the leg to the middle. Each list is one smooth run; runs meet at corners (armpit, crotch).
# fmt: off
OUTLINE_RUNS: tuple[tuple[Point, ...], ...] = (
    (
        (0, 7), (11, 9), (19, 17), (22.5, 30), (22, 41), (20, 52), (16.8, 61.5), (13.2, 68), (13, 78), (14.5, 85),
        (22, 91),
        (36, 95.5), (49, 101), (57.5, 110), (61, 123), (62, 140), (63.5, 156), (65, 172), (67, 186), (70.5, 201),
        (73, 217), (75, 235), (77.5, 251), (80.5, 262), (84.5, 274), (87, 288), (86.5, 300), (83, 308.5), (78.5, 311),
        (74.5, 307), (72.5, 299), (71.5, 291), (69.5, 285.5), (66.5, 291), (63.2, 293.5), (61, 290), (61.8, 281),
        (65, 272), (66.8, 263), (66.2, 254), (63, 238), (59, 222),
        (55.5, 206), (53, 191), (50.5, 174), (48, 157), (44.5, 138),
    ),
    (
        (44.5, 138), (43, 150), (40, 166), (37.5, 182), (36.5, 195), (38, 208), (42, 221), (46, 235), (48.5, 250),
        (49.5, 266), (49, 284), (46.5, 304), (43, 324), (40, 341), (38.5, 356), (39, 370), (40, 384), (39.5, 398),
        (36, 416), (32, 432), (29.5, 444), (30, 452), (34, 460), (37, 467), (35, 472.5), (28, 474.5), (20, 473.5),
        (15.5, 468), (14.5, 459), (15.5, 449), (15.5, 439), (14, 424), (11, 406), (9.5, 390), (10.5, 374), (12.5,
        360),
        (12.5, 346), (11, 330), (8.5, 310), (5.5, 290), (2.5, 272), (0, 262),
    ),
)

# slug -> polygon of one half; a closed smooth curve is drawn through the points. Midline regions list both halves.
FRONT_HALVES: dict[str, tuple[Point, ...]] = {
    "head_scalp": ((0, 0), (30, 0), (30, 40), (24, 66), (13, 69.5), (0, 72)),
    "neck_ant": ((0, 72), (13, 69.5), (20, 68), (26, 90), (20, 93), (9, 99), (0, 102)),
    "shoulder": ((26, 88), (70, 88), (70, 126), (61, 131), (52, 131), (45.5, 124), (42, 112), (34, 102), (22, 95)),
    "chest": (
        (0, 102), (9, 99), (20, 93), (32, 102), (41, 112), (45.5, 124), (44.6, 138), (44, 147), (28, 155), (12,
        154), (0, 150),
    ),
    "upper_arm": ((44.5, 128), (52, 131), (61, 131), (75, 125), (75, 168), (64, 173), (52, 174), (40, 170)),
    "elbow": ((40, 171), (52, 174), (64, 173), (80, 168), (80, 196), (68, 199), (56, 199), (45, 198)),
    "forearm": ((45, 198), (56, 199), (68, 199), (85, 196), (85, 244), (76, 246), (66, 246.5), (52, 248)),
    "wrist": ((52, 247), (66, 246.5), (76, 246), (90, 244), (92, 262), (80, 263.5), (67, 264), (55, 265)),
    "hand": ((55, 264), (67, 264), (80, 263.5), (100, 260), (100, 318), (60, 318)),
    "hip_ant": ((36, 204), (47, 204), (52, 250), (49, 252), (36, 252), (22, 258), (12, 254), (20, 238), (30, 220)),
    "thigh_inner": ((0, 262), (12, 254), (17, 262), (19, 284), (18, 312), (14, 332), (0, 334)),
    "thigh_ant": (
        (17, 260), (22, 258), (36, 252), (39, 276), (37, 304), (33, 330), (30, 340), (14, 340), (14, 332), (18,
        312), (19, 284),
    ),
    "thigh_lat": ((36, 252), (49, 252), (62, 250), (62, 340), (30, 340), (33, 330), (37, 304), (39, 276)),
    "knee": (
        (0, 334), (14, 336), (22, 340), (32, 340), (60, 338), (60, 372), (38, 374), (24, 378), (10, 374), (0, 372),
    ),
    "lower_leg": ((0, 372), (10, 374), (24, 378), (38, 374), (60, 372), (60, 432), (32, 434), (14, 434), (0, 433)),
    "ankle": ((0, 433), (14, 434), (32, 434), (60, 432), (60, 451), (31, 453), (14, 453), (0, 452)),
    "foot": ((0, 452), (14, 453), (31, 453), (60, 451), (60, 482), (0, 482)),
}
FRONT_MIDLINE: dict[str, tuple[Point, ...]] = {
    "abdomen": (
        (0, 150), (12, 154), (28, 155), (44, 147), (45, 152), (45, 190), (45, 200), (36, 204), (28, 222), (18, 238),
        (9, 248), (0, 251),
    ),
}

BACK_HALVES: dict[str, tuple[Point, ...]] = {
    "head_scalp": ((0, 0), (30, 0), (30, 40), (22, 60), (12, 64), (0, 65)),
    "neck_post": ((0, 65), (12, 64), (24, 60), (26, 90), (18, 92), (8, 98), (0, 100)),
    "shoulder": (
        (26, 88), (70, 88), (70, 128), (61, 131), (52, 131), (44, 128), (36, 116), (24, 108), (8, 98), (18, 92),
    ),
    "upper_back": (
        (0, 100), (8, 98), (24, 108), (36, 116), (44, 128), (44.6, 138), (45, 150), (45, 164), (24, 166), (0, 166),
    ),
    "low_back": ((0, 166), (24, 166), (45, 164), (47, 206), (40, 211), (26, 215), (12, 219), (0, 218)),
    "gluteal": (
        (14, 219), (26, 215), (40, 211), (47, 206), (56, 258), (47, 266), (30, 272), (12, 273), (0, 268), (0, 248),
        (7, 236),
    ),
    "upper_arm": ((44.5, 128), (52, 131), (61, 131), (75, 125), (75, 168), (64, 173), (52, 174), (40, 170)),
    "elbow": ((40, 171), (52, 174), (64, 173), (80, 168), (80, 196), (68, 199), (56, 199), (45, 198)),
    "forearm": ((45, 198), (56, 199), (68, 199), (85, 196), (85, 244), (76, 246), (66, 246.5), (52, 248)),
    "wrist": ((52, 247), (66, 246.5), (76, 246), (90, 244), (92, 262), (80, 263.5), (67, 264), (55, 265)),
    "hand": ((55, 264), (67, 264), (80, 263.5), (100, 260), (100, 318), (60, 318)),
    "thigh_post": ((0, 268), (12, 273), (30, 272), (40, 269), (41, 290), (38, 314), (34, 340), (14, 342), (0, 340)),
    "thigh_lat": ((40, 269), (47, 266), (62, 260), (62, 340), (34, 340), (38, 314), (41, 290)),
    "knee": ((0, 340), (14, 342), (34, 340), (60, 338), (60, 370), (38, 370), (24, 372), (10, 370), (0, 369)),
    "lower_leg": ((0, 369), (10, 370), (24, 372), (38, 370), (60, 370), (60, 432), (32, 434), (14, 434), (0, 433)),
    "ankle": ((0, 433), (14, 434), (32, 434), (60, 432), (60, 453), (31, 455), (14, 455), (0, 454)),
    "foot": ((0, 454), (14, 455), (31, 455), (60, 453), (60, 482), (0, 482)),
}
BACK_MIDLINE: dict[str, tuple[Point, ...]] = {
    "sacrum": ((0, 218), (12, 219), (14, 220), (10, 232), (5, 242), (0, 248)),
}
# fmt: on

# How far the smooth curve follows each corner of a region: low, so that neighbours meet without a visible gap.
REGION_TENSION = 0.55
OUTLINE_TENSION = 1.0


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _curve(points: Sequence[Point], *, tension: float, closed: bool) -> str:
    """Bézier commands (without the first move) of a Catmull-Rom curve through `points`."""
    count = len(points)
    pieces: list[str] = []
    for i in range(count if closed else count - 1):
        if closed:
            before, start, end, after = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        else:
            before, start, end, after = points[max(i - 1, 0)], points[i], points[i + 1], points[min(i + 2, count - 1)]
        first = (start[0] + (end[0] - before[0]) * tension / 6, start[1] + (end[1] - before[1]) * tension / 6)
        second = (end[0] - (after[0] - start[0]) * tension / 6, end[1] - (after[1] - start[1]) * tension / 6)
        pieces.append("C" + " ".join(f"{_number(x)} {_number(y)}" for x, y in (first, second, end)))
    return "".join(pieces)


def _placed(points: Sequence[Point], *, side: int) -> list[Point]:
    """Offsets turned into view-box points; `side` 1 is the viewer's right, -1 its mirror."""
    return [(MIDDLE + side * x, y) for x, y in points]


def outline_path() -> str:
    """The whole figure as one closed path, the same for front and back."""
    runs = [_placed(run, side=1) for run in OUTLINE_RUNS]
    runs += [list(reversed(_placed(run, side=-1))) for run in reversed(OUTLINE_RUNS)]
    start = runs[0][0]
    body = "".join(_curve(run, tension=OUTLINE_TENSION, closed=False) for run in runs)
    return f"M{_number(start[0])} {_number(start[1])}{body}Z"


def half_path(points: Sequence[Point], *, side: int) -> str:
    """One region of one half as a closed path; `side` as in the view: 1 right, -1 left of the picture."""
    placed = _placed(points, side=side)
    start = f"M{_number(placed[0][0])} {_number(placed[0][1])}"
    return start + _curve(placed, tension=REGION_TENSION, closed=True) + "Z"


def midline_path(points: Sequence[Point]) -> str:
    """A region across the middle: the half, then its mirror back up, as one closed path."""
    right = _placed(points, side=1)
    left = [point for point in reversed(_placed(points, side=-1)) if point[0] != MIDDLE]
    whole = right + left
    start = f"M{_number(whole[0][0])} {_number(whole[0][1])}"
    return start + _curve(whole, tension=REGION_TENSION, closed=True) + "Z"
