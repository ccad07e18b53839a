"""Find the digit on a photograph of paper or of a board: its background, its rules, its marks, and those that count.

This module imports OpenCV, so pictures.py imports it only when a photograph comes. Pixels are (height, width, 3) uint8,
red first. Strength is (height, width) float32: 0 for paper, 1 for ink that reflects nothing.
"""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_core.errors import PictureError

Pixels = NDArray[np.uint8]
Strength = NDArray[np.float32]
Mask = NDArray[np.bool_]

SEARCHED_SIDE = 800
"""The digit is searched for on the photograph reduced to this longer side."""

DIGIT_SIDE = 480
"""The digit and what is around it are then read at most this large."""

BACKGROUND_FRACTION = 0.2
"""Side of the median's window, as a fraction of the picture's shorter side. A stroke takes less than half of it."""

FAINTEST = 0.05
"""Strength below this is paper, whatever the noise."""

NOISE_FACTOR = 3.5
"""Strength below this many deviations of the paper's noise is paper."""

SPECK_FRACTION = 0.04
"""Marks with less ink than this fraction of the largest mark's ink are dirt."""

LEAST_INK = 0.15
"""A digit of a number has at least this fraction of the main digit's ink."""

MOST_CONTACT = 0.6
"""A stroke that leaves the picture touches its edge with less than this fraction of its length. Table and shadows lie
along the edge."""

RULES_AT_LEAST = 4
"""Fewer parallel lines than this are part of what was drawn."""

SEVERAL = (
    "There are several separate marks on the picture, {count} of about the same size. "
    "Use a picture with one digit, or cut it out."
)

THING = (
    "What stands out on the picture is a thing or its edge, not a line drawn on paper. "
    "Use a picture with one digit that fills more of it."
)

MOST_EDGE = 0.1
"""Largest fraction of a drawing's surroundings that may be as dark as its ink. Along the edge of a thing it is more."""


THICKEST = 0.25
"""Largest distance from the inside of a drawing to its edge, as a fraction of its length. A thing is thicker."""

SMALLEST_HOLE = 0.1
"""Smallest area of the holes of a drawing that tells whether it is a line around paper, as a fraction of the whole."""

DARKEST_HOLE = 0.3
"""Paper in a hole is lighter than this, where the ink around it is 0 and the paper outside is 1. In a shadow it is
about 0.5."""


@dataclass(frozen=True)
class Marks:
    """The ink of the digit on a photograph.

    ink: (height, width) float32, its strength in the part of the photograph around it. box: of the ink, left, top,
    right, bottom in pixels of the photograph. noise: deviation of the paper's strength. is_light: the
    ink is lighter than the paper.
    """

    ink: Strength
    box: tuple[float, float, float, float]
    noise: float
    is_light: bool


@dataclass(frozen=True)
class Rules:
    """Printed lines. ends: (n, 4), x and y of both ends in pixels. thickness: in pixels."""

    ends: NDArray[np.float64]
    thickness: float


def find_marks(pixels: Pixels, *, several: bool = False) -> Marks | None:
    """The marks that make up the one digit on a photograph; None if there are none.

    several: whether they may make up several digits beside each other, a number. Otherwise, several raise PictureError.
    """
    scale = min(1.0, SEARCHED_SIDE / max(pixels.shape))
    small = _resized(pixels, scale)
    short = min(small.shape[:2])
    is_light = has_light_ink(small)
    strength, noise = ink_strength(small, round(short * BACKGROUND_FRACTION), is_light=is_light)
    rules = find_rules(strength, noise)
    strength = without_rules(strength, rules)
    group = _digit_marks(strength, noise, several=several)
    if group is None:
        return None
    if edge_fraction(small, group, is_light=is_light) > MOST_EDGE or is_filled(small, group, is_light=is_light):
        raise PictureError(THING)
    # Once more, closer: a small digit gets more pixels, and the background is that around the digit alone.
    rows, columns = np.flatnonzero(group.any(axis=1)), np.flatnonzero(group.any(axis=0))
    left, top, right, bottom = (edge / scale for edge in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    long = max(right - left, bottom - top)
    margin = 0.35 * long + 6
    height, width = pixels.shape[:2]
    box = (
        max(0, int(left - margin)),
        max(0, int(top - margin)),
        min(width, int(right + margin)),
        min(height, int(bottom + margin)),
    )
    closer = min(2.0, DIGIT_SIDE / max(box[2] - box[0], box[3] - box[1]))
    part = _resized(pixels[box[1] : box[3], box[0] : box[2]], closer)
    window = max(0.42 * long, 0.06 * short / scale) * closer
    fine, fine_noise = ink_strength(part, round(window), is_light=is_light)
    times = closer / scale
    moved = Rules((rules.ends / scale - np.array(box[:2] * 2)) * closer, rules.thickness * times)
    fine = without_rules(fine, moved)
    # Only what belongs to the digit, with a little room around it.
    shift = np.array([[times, 0, -box[0] * closer], [0, times, -box[1] * closer]])
    near = cv2.dilate(group.astype(np.uint8), np.ones((5, 5), np.uint8))
    area = cv2.warpAffine(near, shift, (part.shape[1], part.shape[0]), flags=cv2.INTER_NEAREST) > 0
    outline = (float(left), float(top), float(right), float(bottom))
    return Marks(np.where(area, fine, 0).astype(np.float32), outline, fine_noise, is_light)


def edge_fraction(pixels: Pixels, marks: Mask, *, is_light: bool) -> float:
    """The fraction of the pixels around the marks that are like the ink, 0..1. A line has paper on both sides."""
    grey = _grey_of_ink(pixels, is_light=is_light)
    near, far = (cv2.dilate(marks.astype(np.uint8), np.ones((size, size), np.uint8)) > 0 for size in (5, 11))
    around = far & ~near
    if not around.any():
        return 0.0
    # Ink and paper nearby: the darkest and the lightest pixel, so that a shadow's edge is none.
    paper = cv2.dilate(cv2.erode(grey, np.ones((3, 3))), np.ones((17, 17)))
    ink = cv2.erode(np.where(marks, grey, 255).astype(np.float32), np.ones((17, 17)))
    return float((grey < ink + 0.25 * (paper - ink))[around].mean())


def is_filled(pixels: Pixels, marks: Mask, *, is_light: bool) -> bool:
    """Whether the marks are a surface and not lines: too thick, or with holes that are as dark as their ink.

    Of a large dark surface only the edge differs from the median around it, so its inside looks like a hole.
    """
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    long = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    room = np.pad(marks.astype(np.uint8), 2)
    if float(cv2.distanceTransform(room, cv2.DIST_L2, 5).max()) > THICKEST * long:
        return True
    outside = room.copy()
    cv2.floodFill(outside, None, (0, 0), 1)
    holes = outside[2:-2, 2:-2] == 0
    whole = holes | marks
    if holes.sum() < SMALLEST_HOLE * whole.sum():
        return False
    grey = _grey_of_ink(pixels, is_light=is_light)
    around = (cv2.dilate(whole.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0) & ~whole
    if not around.any():
        return False
    ink, paper = float(np.quantile(grey[marks], 0.2)), float(np.median(grey[around]))
    return float(np.median(grey[holes])) < ink + DARKEST_HOLE * (paper - ink)


def _grey_of_ink(pixels: Pixels, *, is_light: bool) -> NDArray[np.float32]:
    """Grey levels in which the ink is darker than the paper, whatever its colour: (height, width) in 0..255."""
    smooth = _smooth(pixels)
    return np.asarray(255 - smooth.max(axis=2) if is_light else smooth.min(axis=2), np.float32)


def has_light_ink(pixels: Pixels) -> bool:
    """Whether the ink is lighter than what it is on, as chalk on a blackboard."""
    grey = _smooth(pixels).max(axis=2)
    window = _odd(min(grey.shape) * BACKGROUND_FRACTION)
    difference = grey.astype(np.float32) - cv2.medianBlur(grey, window)
    noise = 4 * paper_noise(difference)
    dark, light = (float(np.clip(side - noise, 0, None).sum()) for side in (-difference, difference))
    return light > dark


def ink_strength(pixels: Pixels, window: int, *, is_light: bool) -> tuple[Strength, float]:
    """How much of the paper's light the ink takes away at each pixel; for light ink, how much it adds.

    The paper is the median in a window around the pixel, which follows lamps and the edges of shadows. Of red, green,
    blue and their mean, that one counts in which the ink stands out most from the paper's noise.
    window: side in pixels. Returns the strength, and the deviation of the paper's noise in it.
    """
    smooth = _smooth(pixels)
    candidates = [smooth[..., 0], smooth[..., 1], smooth[..., 2], cv2.cvtColor(smooth, cv2.COLOR_RGB2GRAY)]
    found = []
    for channel in candidates:
        paper = np.asarray(cv2.blur(cv2.medianBlur(channel, _odd(window)), (5, 5)), np.float32)
        difference = (channel - paper) / np.float32(255) if is_light else (paper - channel) / np.maximum(paper, 16)
        noise = paper_noise(difference)
        found.append((float(np.quantile(difference, 0.998)) / max(noise, 0.004), noise, difference))
    _, noise, difference = max(found, key=lambda each: each[0])
    return np.clip(difference, 0, 1).astype(np.float32), noise


def paper_noise(difference: NDArray[np.floating]) -> float:
    """The deviation of the paper's noise, from the median, which ink hardly moves."""
    return float(np.median(np.abs(difference)) * 1.4826)


def find_rules(strength: Strength, noise: float) -> Rules:
    """The printed lines of ruled or squared paper. They run across the whole picture, and there are several of them."""
    height, width = strength.shape
    found = []
    for length, along in ((width, 0), (height, 1)):
        # The mean along the line brings out a faint one; only the middle of its width is kept.
        window = (max(9, width // 40), 1) if along == 0 else (1, max(9, height // 40))
        mean = cv2.blur(strength, window)
        middle = mean >= cv2.dilate(mean, np.ones((3, 1) if along == 0 else (1, 3), np.uint8))
        runs = (middle & (mean > max(0.018, 1.2 * noise))).astype(np.uint8)
        lines = cv2.HoughLinesP(runs * 255, 1, np.pi / 720, 120, minLineLength=0.45 * length, maxLineGap=0.03 * length)
        if lines is None:
            continue
        ends = lines.reshape(-1, 4).astype(np.float64)
        span = np.abs(ends[:, 2 + along] - ends[:, along])
        lean = np.abs(ends[:, 3 - along] - ends[:, 1 - along])
        ends = ends[(lean < 0.27 * span)]
        if len(ends) and _count_apart(ends, along) >= RULES_AT_LEAST:
            found.append(_extended(ends, along, length))
            # A stroke cuts some lines into short pieces. Those count if they run as the long ones do.
            pieces = cv2.HoughLinesP(
                runs * 255, 1, np.pi / 720, 50, minLineLength=0.15 * length, maxLineGap=0.03 * length
            )
            if pieces is not None:
                every = _extended(pieces.reshape(-1, 4).astype(np.float64), along, length, steepest=0.27)
                leans = [each[:, 3 - along] - each[:, 1 - along] for each in (found[-1], every)]
                found.append(every[np.abs(leans[1] - np.median(leans[0])) < 0.03 * length])
    if not found:
        return Rules(np.zeros((0, 4)), 0.0)
    ends = np.concatenate(found)
    drawn = _drawn(ends, 1, strength.shape)
    reach = cv2.distanceTransform(1 - drawn, cv2.DIST_L2, 3)
    level = float(np.median(strength[drawn > 0]))
    # Half as strong as on the line itself is still the line.
    rings = [strength[(reach >= d - 0.5) & (reach < d + 0.5)] for d in range(7)]
    profile = [float(np.median(ring)) if ring.size else np.inf for ring in rings]  # close lines leave no paper
    half = next((d for d, value in enumerate(profile) if value < 0.4 * max(level, profile[0])), 6)
    return Rules(ends, 2.0 * half + 1)


def _count_apart(ends: NDArray[np.float64], along: int) -> int:
    """How many of the lines are apart from each other."""
    places = np.sort((ends[:, 1 - along] + ends[:, 3 - along]) / 2)
    return 1 + int((np.diff(places) > 6).sum())


def _extended(ends: NDArray[np.float64], along: int, length: int, steepest: float = 1.0) -> NDArray[np.float64]:
    """The lines, from one side of the picture to the other. Those that are steeper are left out."""
    span = np.abs(ends[:, 2 + along] - ends[:, along])
    ends = ends[np.abs(ends[:, 3 - along] - ends[:, 1 - along]) < steepest * span]
    slope = (ends[:, 3 - along] - ends[:, 1 - along]) / (ends[:, 2 + along] - ends[:, along])
    first = ends[:, 1 - along] - slope * ends[:, along]
    last = first + slope * length
    zero, full = np.zeros_like(first), np.full_like(first, length)
    columns = (zero, first, full, last) if along == 0 else (first, zero, last, full)
    return np.stack(columns, axis=1)


def without_rules(strength: Strength, rules: Rules) -> Strength:
    """The strength without the rules. Ink clearly stronger than a rule stays, and strokes across a rule are closed."""
    if not len(rules.ends):
        return strength
    thickness = max(3, round(rules.thickness))
    lines = _drawn(rules.ends, thickness, strength.shape) > 0
    core = _drawn(rules.ends, 1, strength.shape) > 0
    level = float(np.quantile(strength[core], 0.6)) if core.any() else 0.0
    outside = strength[~lines]
    ink = float(np.quantile(outside[outside > level], 0.7)) if (outside > level).sum() > 30 else 1.0
    kept_from = min(level * 1.5 + 0.04, (level + max(ink, level)) / 2 + 0.04)
    cleaned = np.where(lines & (strength < kept_from), 0, strength).astype(np.float32)
    size = thickness + 3
    closed = cv2.morphologyEx(
        cleaned, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size | 1, size | 1))
    )
    return np.where(lines, np.minimum(np.maximum(cleaned, closed), np.maximum(strength, cleaned)), cleaned)


def _drawn(ends: NDArray[np.float64], thickness: int, shape: tuple[int, ...]) -> Pixels:
    mask = np.zeros(shape[:2], np.uint8)
    for x1, y1, x2, y2 in ends.round().astype(int).tolist():
        cv2.line(mask, (x1, y1), (x2, y2), 1, thickness)
    return mask


def _digit_marks(strength: Strength, noise: float, *, several: bool) -> Mask | None:
    """The marks that make up the digit: the main one, and those beside it that belong to it.

    Raises PictureError if there are several of about the same size apart from each other.
    """
    low = max(FAINTEST, NOISE_FACTOR * noise)
    weak = cv2.GaussianBlur(strength, (0, 0), 1.0) > low
    # Pencil and chalk have gaps of a pixel or two.
    joined = cv2.dilate(weak.astype(np.uint8), np.ones((3, 3), np.uint8))
    count, marks, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    if count < 2:
        return None
    weights = np.bincount(marks.ravel(), weights=np.where(weak, strength, 0).ravel(), minlength=count)
    height, width = strength.shape
    left, top = boxes[:, 0], boxes[:, 1]
    right, bottom = left + boxes[:, 2], top + boxes[:, 3]
    long = np.maximum(boxes[:, 2], boxes[:, 3])
    at_edge = (left <= 1) | (top <= 1) | (right >= width - 1) | (bottom >= height - 1)
    areas = np.maximum(np.bincount(marks.ravel(), weights=weak.ravel(), minlength=count), 1)
    usable = (long >= max(8, 0.02 * min(height, width))) & (weights / areas > 1.4 * low)
    usable[0] = False
    # What the edge of the picture cuts is table, shadow or the next line, or a digit that is not quite on the picture.
    cut_strokes = usable & at_edge & (_contact(np.asarray(marks), count) < MOST_CONTACT * long)
    if (usable & ~at_edge).any():
        largest = weights[usable & ~at_edge].max()
        usable &= ~at_edge | (cut_strokes & (weights > 2 * largest))
    if not usable.any():
        return None
    middle = np.hypot((left + right) / 2 / width - 0.5, (top + bottom) / 2 / height - 0.5)
    scores = np.where(usable, weights * (1 - 0.8 * middle), 0)
    main = int(scores.argmax())
    chosen = {main}
    if several:  # The other digits: beside the main one, and with the ink of a 1 at least.
        for mark in np.flatnonzero(usable).tolist():
            beside = min(bottom[mark], bottom[main]) - max(top[mark], top[main])
            heights = bottom[mark] - top[mark], bottom[main] - top[main]
            if (
                weights[mark] > LEAST_INK * weights[main]
                and beside > 0.3 * max(heights)
                and min(heights) > 0.4 * max(heights)
            ):
                chosen.add(mark)
    for _ in range(3):
        x0, y0 = min(left[i] for i in chosen), min(top[i] for i in chosen)
        x1, y1 = max(right[i] for i in chosen), max(bottom[i] for i in chosen)
        gap = 0.18 * max(long[i] for i in chosen) if len(chosen) > 1 and several else 0.18 * max(x1 - x0, y1 - y0)
        for mark in np.flatnonzero(weights >= SPECK_FRACTION * weights[main]).tolist():
            is_table = at_edge[mark] and not cut_strokes[mark]
            if mark == 0 or mark in chosen or is_table or weights[mark] / areas[mark] < 1.2 * low:
                continue
            across = max(left[mark] - x1, x0 - right[mark], 0)
            down = max(top[mark] - y1, y0 - bottom[mark], 0)
            if np.hypot(across, down) <= gap:
                chosen.add(mark)
    alike = [
        i for i in np.flatnonzero(usable).tolist() if weights[i] > 0.35 * weights[main] and long[i] > 0.5 * long[main]
    ]
    if not several and len(alike) > 1 and _are_apart([(left[i], right[i]) for i in alike]):
        raise PictureError(SEVERAL.format(count=len(alike)))
    return np.isin(marks, list(chosen)) & (joined > 0)


def _contact(marks: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """How many of each mark's pixels lie along the edge of the picture: (count,)."""
    edge = np.ones(marks.shape, bool)
    edge[2:-2, 2:-2] = False
    return np.bincount(marks[edge], minlength=count) // 2  # the edge is two pixels wide


def _are_apart(spans: list[tuple[int, int]]) -> bool:
    """Whether two of the marks stand beside each other, as digits of a number do."""
    spans = sorted(spans)
    return any(
        min(after[1], before[1]) - after[0] < 0.1 * min(after[1] - after[0], before[1] - before[0])
        for before, after in itertools.pairwise(spans)
    )


def _smooth(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(cv2.medianBlur(pixels, 3), (0, 0), 0.8), np.uint8)


def _resized(pixels: Pixels, scale: float) -> Pixels:
    if scale == 1:
        return pixels
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=method), np.uint8)


def _odd(size: float) -> int:
    return max(3, round(size)) | 1
