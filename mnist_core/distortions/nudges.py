"""Nudges: small changes of a finished digit, by a rule that is simple enough to be written twice.

The browser nudges the same digit by the same rule (pages/parts/browser_predictor/nudge.js), so that a prediction made
there while a digit is dragged equals the server's prediction afterwards.

    >>> digit = np.zeros((28, 28), np.float32)
    >>> digit[10, 14] = 1
    >>> moved = nudged(digit, Nudge(shift_right=2.5))
    >>> [round(float(value), 2) for value in moved[10, 14:19]]
    [0.0, 0.0, 0.5, 0.5, 0.0]

The rule. All lengths are in pixels of the digit, and all numbers are float64 until the end. The middle of the pixel in
row i and column j is the point x = j, y = i; what lies outside of the 28 x 28 pixels is paper, 0. The steps follow each
other in this order, and a step whose amount is neutral is left out.

1. Place and shape. With c = (14, 14), where MNIST's digits have their centre of mass, the point q of the digit goes to

       p = c + (shift_right, shift_down) + R H (q - c) * scale        R = [cos r, -sin r; sin r, cos r]
                                                                      H = [1, -tan s; 0, 1]

   with r = rotation, clockwise, and s = slant, to the right at the top. Each pixel p of the result takes the ink at its
   q, by bilinear interpolation between the four pixels around q. It is one interpolation for all five amounts.
2. Thickness t. The weight of an offset o is w(o) = clip(|t| + 1 - |o|, 0, 1). Thicker, t > 0: the ink of a pixel p
   becomes the maximum of w(o) * ink(p + o) over all offsets between pixels. Thinner, t < 0: the paper, 1 - ink, grows
   in the same way. It is a dilation or an erosion by a disc whose edge is soft, so it changes smoothly with t.
3. Blur b: a convolution with the Gaussian exp(-d^2 / (2 b^2)) over offsets of -9 to 9 pixels, along rows and then along
   columns, with weights that sum to 1.
4. A missing patch: a square of side `patch_size` with its middle at (patch_right, patch_down) becomes paper. A pixel
   that the square covers in part loses that part of its ink.
5. Contrast k: ink becomes 1/2 + k * (ink - 1/2), clipped to 0..1. Below 1, ink and paper approach grey.
6. Noise n: ink becomes ink + n * z, clipped to 0..1. For z of pixel number m = 28 i + j take the four 32-bit integers
   h = mix(noise_seed * 0x9E3779B9 + 4 m + d), d = 0..3, all modulo 2^32, where mix is the finalizer of MurmurHash3
   (A. Appleby, public domain):

       h ^= h >> 16;   h *= 0x85EBCA6B;   h ^= h >> 13;   h *= 0xC2B2AE35;   h ^= h >> 16

   z = sqrt(3) * (the sum of the four h / 2^32, minus 2). It is nearly normal, with mean 0 and variance 1.

Two programs that follow the rule agree to the rounding of float32: the only functions in it that computers round
differently are sine, cosine, tangent and exp.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.preprocessing import CENTRE, SIDE, Digit
from mnist_core.errors import PictureError

BLUR_REACH = 9
"""Pixels to each side that a blurred pixel takes ink from: three times the largest blur."""

LARGEST_SEED = 9999

Pixels = NDArray[np.float64]
"""(28, 28), 0..1."""


@dataclass(frozen=True)
class Range:
    """The values that an amount may have: low, low + step, ... high. neutral: the one that changes nothing."""

    low: float
    high: float
    step: float
    neutral: float

    def values(self) -> tuple[float, ...]:
        """All of them, from low to high.

        >>> Range(0.0, 1.0, 0.25, 0.0).values()
        (0.0, 0.25, 0.5, 0.75, 1.0)
        """
        return tuple(round(self.low + number * self.step, 6) for number in range(self._steps + 1))

    def nearest(self, value: float) -> float:
        """The value of the range that is nearest to a finite number.

        >>> Range(-7.0, 7.0, 0.25, 0.0).nearest(2.6), Range(-7.0, 7.0, 0.25, 0.0).nearest(99)
        (2.5, 7.0)
        """
        number = min(max(round((min(max(value, self.low), self.high) - self.low) / self.step), 0), self._steps)
        return round(self.low + number * self.step, 6)

    def fraction(self, value: float) -> float:
        """How far a value is from neutral, as a fraction of the way to the end of the range on that side, 0..1.

        >>> Range(0.5, 1.5, 0.02, 1.0).fraction(0.75)
        0.5
        """
        end = self.high if value > self.neutral else self.low
        return 0.0 if value == self.neutral else (value - self.neutral) / (end - self.neutral)

    @property
    def _steps(self) -> int:
        return round((self.high - self.low) / self.step)


RANGES: dict[str, Range] = {
    "shift_right": Range(-7.0, 7.0, 0.25, 0.0),
    "shift_down": Range(-7.0, 7.0, 0.25, 0.0),
    "rotation": Range(-60.0, 60.0, 2.0, 0.0),
    "scale": Range(0.5, 1.5, 0.02, 1.0),
    "slant": Range(-40.0, 40.0, 2.0, 0.0),
    "thickness": Range(-1.0, 2.0, 0.1, 0.0),
    "noise": Range(0.0, 0.8, 0.02, 0.0),
    "blur": Range(0.0, 3.0, 0.1, 0.0),
    "contrast": Range(0.1, 2.0, 0.05, 1.0),
    "patch_size": Range(0.0, 14.0, 0.5, 0.0),
    "patch_right": Range(0.0, 27.0, 0.5, 14.0),
    "patch_down": Range(0.0, 27.0, 0.5, 14.0),
}
"""The range of each amount of a Nudge but its seed."""


@dataclass(frozen=True)
class Nudge:
    """How a digit is changed. The defaults change nothing.

    shift_right, shift_down: pixels. rotation: degrees, clockwise. scale: times as large. slant: degrees, to the right
    at the top. thickness: pixels that each edge of the ink moves out. noise: the standard deviation of what is added
    to each pixel. noise_seed: which noise, 0 to 9999. blur: the standard deviation of the Gaussian, pixels. contrast:
    times as much. patch_size: side of the missing square, pixels. patch_right, patch_down: its middle, pixels.
    """

    shift_right: float = 0.0
    shift_down: float = 0.0
    rotation: float = 0.0
    scale: float = 1.0
    slant: float = 0.0
    thickness: float = 0.0
    noise: float = 0.0
    blur: float = 0.0
    contrast: float = 1.0
    patch_size: float = 0.0
    patch_right: float = 14.0
    patch_down: float = 14.0
    noise_seed: int = 1

    def with_amount(self, name: str, value: float) -> "Nudge":
        """This nudge with another value of one amount."""
        return replace(self, **{name: value})  # type: ignore[arg-type]  # never the seed

    @property
    def changes_nothing(self) -> bool:
        """Whether every amount that acts by itself is neutral."""
        acting = (name for name in RANGES if name not in ("patch_right", "patch_down"))
        return all(getattr(self, name) == RANGES[name].neutral for name in acting)


def nudge_of(amounts: dict[str, object]) -> Nudge:
    """A nudge from amounts of unknown origin: each becomes the nearest value of its range, and unknown names are left
    out. Raises PictureError for a value that is not a finite number.

    >>> nudge_of({"shift_right": "3.1", "colour": "red"}).shift_right
    3.0
    """
    known: dict[str, float | int] = {}
    for name in (field.name for field in fields(Nudge)):
        if name not in amounts:
            continue
        try:
            value = float(str(amounts[name]))
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise PictureError(f"Received {str(amounts[name])[:40]!r} for {name}, expected a number.")
        known[name] = round(min(max(value, 0), LARGEST_SEED)) if name == "noise_seed" else RANGES[name].nearest(value)
    return Nudge(**known)  # type: ignore[arg-type]  # only the seed is an int, and it is one


def nudged(digit: Digit, nudge: Nudge) -> Digit:
    """The digit changed by the module's rule: (28, 28) float32 in 0..1.

    digit: (28, 28) of a floating-point type, 0..1. It is not changed. Raises PictureError for another shape.
    """
    if np.shape(digit) != (SIDE, SIDE):
        raise PictureError(f"Received an array of shape {np.shape(digit)}, expected ({SIDE}, {SIDE}).")
    ink: Pixels = np.asarray(digit, np.float64)
    ink = _warped(ink, nudge)
    if nudge.thickness:
        ink = _thickened(ink, nudge.thickness)
    if nudge.blur:
        ink = _blurred(ink, nudge.blur)
    if nudge.patch_size:
        ink = ink * (1 - _patch(nudge))
    if nudge.contrast != 1:
        ink = np.clip(0.5 + nudge.contrast * (ink - 0.5), 0, 1)
    if nudge.noise:
        ink = np.clip(ink + nudge.noise * noise(nudge.noise_seed), 0, 1)
    return ink.astype(np.float32)


def noise(seed: int) -> Pixels:
    """(28, 28): the noise of a seed, step 6 of the rule. Mean 0, variance 1, each value in -sqrt(12)..sqrt(12)."""
    number = np.arange(4 * SIDE * SIDE, dtype=np.uint32)
    hashed = number + np.uint32(seed * 0x9E3779B9 % 2**32)
    hashed = (hashed ^ (hashed >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    hashed = (hashed ^ (hashed >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    hashed ^= hashed >> np.uint32(16)
    uniform = hashed.reshape(SIDE, SIDE, 4) / 2.0**32
    values: Pixels = np.sqrt(3) * (uniform.sum(axis=2) - 2)
    return values


def _warped(ink: Pixels, nudge: Nudge) -> Pixels:
    """Step 1 of the rule, backwards: for each pixel of the result, the ink at the point that goes there."""
    if (nudge.shift_right, nudge.shift_down, nudge.rotation, nudge.scale, nudge.slant) == (0, 0, 0, 1, 0):
        return ink
    angle, slope = np.radians(nudge.rotation), np.tan(np.radians(nudge.slant))
    cosine, sine = np.cos(angle), np.sin(angle)
    across = np.arange(SIDE) - CENTRE - nudge.shift_right
    along = (np.arange(SIDE) - CENTRE - nudge.shift_down)[:, np.newaxis]
    turned_x, turned_y = cosine * across + sine * along, cosine * along - sine * across
    x = np.clip(CENTRE + (turned_x + slope * turned_y) / nudge.scale, -1, SIDE)
    y = np.clip(CENTRE + turned_y / nudge.scale, -1, SIDE)
    # In a frame of paper, one pixel wide, every point has four pixels around it.
    framed = np.pad(ink, 1)
    left, top = np.minimum(np.floor(x), SIDE - 1).astype(np.intp), np.minimum(np.floor(y), SIDE - 1).astype(np.intp)
    right_part, lower_part = x - left, y - top
    upper = (1 - right_part) * framed[top + 1, left + 1] + right_part * framed[top + 1, left + 2]
    lower = (1 - right_part) * framed[top + 2, left + 1] + right_part * framed[top + 2, left + 2]
    warped: Pixels = (1 - lower_part) * upper + lower_part * lower
    return warped


def _thickened(ink: Pixels, thickness: float) -> Pixels:
    """Step 2 of the rule."""
    reach = int(np.ceil(abs(thickness)))
    growing = ink if thickness > 0 else 1 - ink
    framed = np.pad(growing, reach, constant_values=0 if thickness > 0 else 1)
    grown = growing
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            weight = min(abs(thickness) + 1 - np.hypot(down, right), 1)
            if weight > 0:
                rows, columns = slice(reach + down, reach + down + SIDE), slice(reach + right, reach + right + SIDE)
                grown = np.maximum(grown, weight * framed[rows, columns])
    thickened: Pixels = grown if thickness > 0 else 1 - grown
    return thickened


def _blurred(ink: Pixels, blur: float) -> Pixels:
    """Step 3 of the rule."""
    weights = np.exp(-(np.arange(-BLUR_REACH, BLUR_REACH + 1) ** 2) / (2 * blur**2))
    weights /= weights.sum()
    distance = np.arange(SIDE) - np.arange(SIDE)[:, np.newaxis]
    spread = np.where(
        np.abs(distance) <= BLUR_REACH, weights[np.clip(distance, -BLUR_REACH, BLUR_REACH) + BLUR_REACH], 0
    )
    blurred: Pixels = spread @ ink @ spread
    return blurred


def _patch(nudge: Nudge) -> Pixels:
    """Step 4 of the rule: the part of each pixel that the square covers."""
    half, pixels = nudge.patch_size / 2, np.arange(SIDE)

    def covered(middle: float) -> NDArray[np.float64]:
        high, low = np.minimum(pixels + 0.5, middle + half), np.maximum(pixels - 0.5, middle - half)
        part: NDArray[np.float64] = np.clip(high - low, 0, 1)
        return part

    patch: Pixels = covered(nudge.patch_down)[:, np.newaxis] * covered(nudge.patch_right)
    return patch
