"""Find the sheet of paper on a photograph and lay it flat.

The sides of a sheet are long straight edges. Every four of the longest ones, and of the picture's own sides, make a
quadrilateral; the largest whose sides are edges from corner to corner is the sheet. So neither the colour of the table
matters nor a shadow that crosses the sheet.

This module imports OpenCV, so pictures.py imports it only when a photograph comes.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SEARCHED_SIDE = 400
"""The sheet is searched for on the photograph reduced to this longer side."""

LINES = 9
"""Lines that are considered in each direction, those with most edge along them."""

SAMPLES = 48
"""Points along a side at which there must be an edge."""

SUPPORT = 0.72
"""Smallest fraction of a side that must be an edge."""

SMALLEST = 0.12
"""Smallest area of a sheet, as a fraction of the picture's."""

SHADOW_SPREAD = 0.05
"""A shadow takes away about the same fraction of red, green and blue; a table has a colour of its own."""

INSET = 0.012
"""So much of the sheet is left out at each of its sides, as a fraction of its length, so that its edge is not taken for
ink. Where the picture ends before the sheet nothing is left out, because ink may be there."""

UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
"""The corners of a whole picture."""


@dataclass(frozen=True)
class Sheet:
    """A sheet on a photograph.

    corners: (4, 2), x and y as fractions of the picture's width and height, from the upper left one clockwise.
    sides: (4,), top, right, bottom, left: whether the sheet ends there, and not the picture.
    """

    corners: NDArray[np.float64]
    sides: NDArray[np.bool_]

    def flat(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The sheet as seen from above. pixels: the photograph, (height, width, 3)."""
        height, width = pixels.shape[:2]
        corners = self._inner * (width, height)
        top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
        size = np.array([max(8, round((top + bottom) / 2)), max(8, round((left + right) / 2))])
        move = cv2.getPerspectiveTransform(corners.astype(np.float32), (UNIT * size).astype(np.float32))
        flat = cv2.warpPerspective(pixels, move, size.tolist(), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(flat, np.uint8)

    def on_picture(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points of the flat sheet are on the photograph. Both are (n, 2), fractions of width and height."""
        move = cv2.getPerspectiveTransform(UNIT, self._inner.astype(np.float32))
        moved = cv2.perspectiveTransform(points[np.newaxis].astype(np.float64), move)
        return np.asarray(moved[0], np.float64)

    @property
    def _inner(self) -> NDArray[np.float64]:
        """The corners without the sheet's edge."""
        top, right, bottom, left = self.sides * INSET
        inner = np.array([[left, top], [1 - right, top], [1 - right, 1 - bottom], [left, 1 - bottom]])
        move = cv2.getPerspectiveTransform(UNIT, self.corners.astype(np.float32))
        return np.asarray(cv2.perspectiveTransform(inner[np.newaxis], move)[0], np.float64)


def find_sheet(pixels: NDArray[np.uint8]) -> Sheet | None:
    """The sheet on a photograph, (height, width, 3) uint8; None if it fills the picture or has no clear sides."""
    height, width = pixels.shape[:2]
    scale = min(1.0, SEARCHED_SIDE / max(height, width))
    reduced = (max(8, round(width * scale)), max(8, round(height * scale)))
    coarse = cv2.medianBlur(cv2.resize(pixels, reduced, interpolation=cv2.INTER_AREA), 9)
    small = np.asarray(cv2.GaussianBlur(coarse, (0, 0), 1.0), np.uint8)  # The ink and the rules go, the sheet stays.
    edges, gradients = _edges(small)
    size = np.array([small.shape[1], small.shape[0]], np.float64)
    flat_lines, upright_lines = _lines(edges)
    if not len(flat_lines) + len(upright_lines):
        return None
    corners, is_real = _quadrilaterals(flat_lines, upright_lines, size)
    if not len(corners):
        return None
    support = _support(corners, edges, gradients)
    lengths = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    worth = np.where(is_real, lengths * (2 * support - 1), 0).sum(axis=1)
    worth[(is_real & (support < SUPPORT)).any(axis=1)] = 0
    for best in np.argsort(-worth)[:6].tolist():
        if worth[best] <= 0:
            return None
        if is_real[best].sum() >= 3 or _is_coloured(small, corners[best], is_real[best]):
            return Sheet(corners[best] / size, is_real[best])
    return None


def _edges(small: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Where edges are, (height, width) of 0 and 1, and their direction: (height, width, 2) unit normals."""
    across = np.stack([cv2.Scharr(channel, cv2.CV_32F, 1, 0) for channel in cv2.split(small)], axis=2)
    down = np.stack([cv2.Scharr(channel, cv2.CV_32F, 0, 1) for channel in cv2.split(small)], axis=2)
    strength = np.hypot(across, down)
    strongest = strength.argmax(axis=2)[..., np.newaxis]
    normal = np.concatenate([np.take_along_axis(each, strongest, axis=2) for each in (across, down)], axis=2)
    size = np.take_along_axis(strength, strongest, axis=2)
    threshold = max(90.0, float(np.quantile(size, 0.80)) * 0.8)
    x, y = normal[..., 0].clip(-32000, 32000).astype(np.int16), normal[..., 1].clip(-32000, 32000).astype(np.int16)
    edges = cv2.Canny(x, y, threshold / 2, threshold, L2gradient=True)
    edges[:3], edges[-3:], edges[:, :3], edges[:, -3:] = 0, 0, 0, 0
    return (edges > 0).astype(np.uint8), (normal / np.maximum(size, 1e-6)).astype(np.float32)


def _lines(edges: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The longest straight edges, those that run across the picture and those that run down it.

    Each is (n, 3): a, b, c of the line a x + b y = c, with a unit normal (a, b).
    """
    short = min(edges.shape)
    segments = cv2.HoughLinesP(edges * 255, 1, np.pi / 360, 30, minLineLength=0.16 * short, maxLineGap=0.03 * short)
    if segments is None:
        return np.zeros((0, 3)), np.zeros((0, 3))
    ends = segments.reshape(-1, 2, 2).astype(np.float64)
    along = ends[:, 1] - ends[:, 0]
    lengths = np.linalg.norm(along, axis=1)
    normals = np.stack([-along[:, 1], along[:, 0]], axis=1) / lengths[:, np.newaxis]
    normals[(normals[:, 0] < 0) & (np.abs(normals[:, 0]) > np.abs(normals[:, 1]))] *= -1
    normals[(normals[:, 1] < 0) & (np.abs(normals[:, 1]) >= np.abs(normals[:, 0]))] *= -1
    lines = np.concatenate([normals, (normals * ends.mean(axis=1)).sum(axis=1, keepdims=True)], axis=1)
    across = np.abs(along[:, 0]) >= np.abs(along[:, 1])
    return _longest(lines[across], ends[across], lengths[across]), _longest(
        lines[~across], ends[~across], lengths[~across]
    )


def _longest(
    lines: NDArray[np.float64], ends: NDArray[np.float64], lengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The lines with most edge along them; segments of one line count together."""
    left = np.ones(len(lines), bool)
    kept: list[NDArray[np.float64]] = []
    # Each segment votes for a line as far as it lies along it.
    apart = np.abs(np.einsum("nk,mpk->nmp", lines[:, :2], ends) - lines[:, np.newaxis, 2:]).max(axis=2)
    votes = (apart < 3) * lengths
    while left.any() and len(kept) < LINES:
        totals = np.where(left, (votes * left).sum(axis=1), -1)
        best = int(totals.argmax())
        kept.append(lines[best])
        left &= apart[best] >= 3
    return np.array(kept).reshape(-1, 3)


def _quadrilaterals(
    flat_lines: NDArray[np.float64], upright_lines: NDArray[np.float64], size: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """All sensible quadrilaterals: corners (n, 4, 2), and for each side, from the top clockwise, whether it is an edge.

    A side that is none is the picture's own.
    """
    width, height = size
    pairs = []
    for lines, frame in (
        (flat_lines, [[0, 1, 0], [0, 1, height]]),
        (upright_lines, [[1, 0, 0], [1, 0, width]]),
    ):
        every = np.concatenate([lines, np.array(frame, np.float64)])
        is_line = np.arange(len(every)) < len(lines)
        at_middle = every[:, 2] - every[:, :2] @ (size / 2)
        first, second = np.meshgrid(np.arange(len(every)), np.arange(len(every)), indexing="ij")
        extent = height if frame[0][1] else width
        good = at_middle[second] - at_middle[first] > 0.25 * extent
        pairs.append((every, is_line, first[good], second[good]))
    (rows, row_real, tops, bottoms), (columns, column_real, lefts, rights) = pairs
    horizontal, vertical = (index.ravel() for index in np.meshgrid(np.arange(len(tops)), np.arange(len(lefts))))
    top, bottom = rows[tops[horizontal]], rows[bottoms[horizontal]]
    left, right = columns[lefts[vertical]], columns[rights[vertical]]
    corners = np.stack(
        [_crossing(top, left), _crossing(top, right), _crossing(bottom, right), _crossing(bottom, left)], axis=1
    )
    is_real = np.stack(
        [
            row_real[tops[horizontal]],
            column_real[rights[vertical]],
            row_real[bottoms[horizontal]],
            column_real[lefts[vertical]],
        ],
        axis=1,
    )
    sides = np.roll(corners, -1, axis=1) - corners
    following = np.roll(sides, -1, axis=1)
    turns = sides[..., 0] * following[..., 1] - sides[..., 1] * following[..., 0]
    x, y = corners[..., 0], corners[..., 1]
    area = (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1) / 2
    inside = ((corners > -0.02 * size) & (corners < 1.02 * size)).all(axis=(1, 2))
    good = inside & (turns > 0).all(axis=1) & (area > SMALLEST * width * height) & is_real.any(axis=1)
    return corners[good], is_real[good]


def _crossing(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where lines cross: (n, 2). Lines are (n, 3)."""
    determinant = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    determinant = np.where(np.abs(determinant) < 1e-6, 1e-6, determinant)
    x = (first[:, 2] * second[:, 1] - second[:, 2] * first[:, 1]) / determinant
    y = (first[:, 0] * second[:, 2] - second[:, 0] * first[:, 2]) / determinant
    return np.stack([x, y], axis=1)


def _support(
    corners: NDArray[np.float64], edges: NDArray[np.uint8], normals: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The fraction of each side that is an edge in its direction: (n, 4)."""
    near = cv2.dilate(edges, np.ones((5, 5), np.uint8))
    sides = np.roll(corners, -1, axis=1) - corners
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    points = corners[:, :, np.newaxis] + sides[:, :, np.newaxis] * steps[:, np.newaxis]
    x = points[..., 0].round().astype(int).clip(0, edges.shape[1] - 1)
    y = points[..., 1].round().astype(int).clip(0, edges.shape[0] - 1)
    across = np.stack([-sides[..., 1], sides[..., 0]], axis=2)
    across /= np.maximum(np.linalg.norm(across, axis=2, keepdims=True), 1e-6)
    aligned = np.abs((normals[y, x] * across[:, :, np.newaxis]).sum(axis=3)) > 0.86
    support: NDArray[np.float64] = ((near[y, x] > 0) & aligned).mean(axis=2)
    return support


def _is_coloured(small: NDArray[np.uint8], corners: NDArray[np.float64], is_real: NDArray[np.bool_]) -> bool:
    """Whether what lies beyond every side has another colour than the sheet. Beyond the edge of a shadow it has not."""
    sides = np.roll(corners, -1, axis=0) - corners
    inward = np.stack([-sides[:, 1], sides[:, 0]], axis=1) / np.linalg.norm(sides, axis=1, keepdims=True)
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    for side in np.flatnonzero(is_real).tolist():
        points = corners[side] + sides[side] * steps[:, np.newaxis]
        levels = []
        for away in (6, -6):
            moved = (points + inward[side] * away).round().astype(int)
            x, y = moved[:, 0].clip(0, small.shape[1] - 1), moved[:, 1].clip(0, small.shape[0] - 1)
            levels.append(small[y, x].astype(np.float64) + 4)
        ratios = np.median(np.log(levels[0] / levels[1]), axis=0)
        if np.ptp(ratios) < SHADOW_SPREAD + 0.15 * np.abs(ratios).max():
            return False
    return True
