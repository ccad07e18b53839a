"""Fifteen corruptions of a finished digit, with five strengths each: what robustness is measured on.

    >>> picture = np.zeros((28, 28), np.uint8)
    >>> picture[4:24, 12:16] = 255
    >>> foggy = corrupted(picture[None], [7], CORRUPTIONS["fog"], strength=3)
    >>> foggy.shape, foggy.dtype.name, bool((foggy != picture).any())
    ((1, 28, 28), 'uint8', True)

The selection follows MNIST-C (N. Mu and J. Gilmer, MNIST-C: A Robustness Benchmark for Computer Vision, 2019,
https://arxiv.org/abs/1906.02337). The definitions, the strengths and the code are our own, so figures of the two do not
compare. The strengths were chosen by how digits look to people, see docs/corruptions.md.

What is random about a corruption, such as the direction of a blur, depends on the corruption and on the number of the
digit alone. It is the same at each strength, so a digit only becomes harder from one strength to the next.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from mnist_core.data.digit_set import as_bytes
from mnist_core.data.preprocessing import SIDE

VERSION = 1
"""Of all corruptions together. Whoever changes the pictures raises it, and earlier measurements no longer count."""

SEED = 20190605
STRENGTHS = (1, 2, 3, 4, 5)
MIDDLE = (SIDE - 1) / 2
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE].astype(np.float64)

Picture = NDArray[np.float64]
"""(28, 28) in 0..1, 1 is full ink. Results may lie outside; they are clipped."""


@dataclass(frozen=True)
class Corruption:
    """One kind of corruption.

    key: its name in files and addresses. title: its name for people. kind: the group that it belongs to.
    words: what happens to the digit. amounts: of the five strengths, mildest first. unit: what an amount says, as a
    format. apply: corrupts one picture by an amount; takes what is random from the generator.
    """

    key: str
    title: str
    kind: str
    words: str
    amounts: tuple[float, float, float, float, float]
    unit: str
    apply: Callable[[Picture, float, Generator], Picture]

    def amount_in_words(self, strength: int) -> str:
        """The amount of a strength, 1..5, with its unit.

        >>> CORRUPTIONS["scale"].amount_in_words(1), CORRUPTIONS["translate"].amount_in_words(1)
        ('to 90 %', 'by 1 pixel')
        """
        amount = self.amounts[strength - 1]
        words = self.unit.format(amount).replace("%", " %")
        return words.replace("pixels", "pixel") if amount == 1 else words


def corrupted(
    images: NDArray[np.uint8], indices: Sequence[int] | NDArray[np.intp], corruption: Corruption, *, strength: int
) -> NDArray[np.uint8]:
    """Digits, corrupted: (n, 28, 28) uint8, 255 is full ink.

    images: (n, 28, 28) uint8. indices: (n,), the numbers of the digits in their set, from which all that is random
    follows. strength: 1..5. Raises ValueError for any other strength or shape.
    """
    if strength not in STRENGTHS:
        raise ValueError(f"Received the strength {strength!r}, expected one of {STRENGTHS}.")
    if images.shape != (len(indices), SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError(
            f"Received {images.dtype} of shape {images.shape}, expected uint8 of ({len(indices)}, {SIDE}, {SIDE})."
        )
    name, amount = zlib.crc32(corruption.key.encode()), corruption.amounts[strength - 1]
    result = np.empty_like(images)
    for place, (image, index) in enumerate(zip(images, indices, strict=True)):
        random = np.random.default_rng((SEED, name, int(index)))
        changed = corruption.apply(image.astype(np.float64) / 255, amount, random)
        result[place] = as_bytes(changed.clip(0, 1))
    return result


def description_digest() -> str:
    """SHA-256 of the version, the seed and all amounts. Measurements carry it; they count while it stays the same."""
    description = [VERSION, SEED, [[each.key, *each.amounts] for each in CORRUPTIONS.values()]]
    return hashlib.sha256(json.dumps(description).encode()).hexdigest()


def _shot_noise(picture: Picture, photons: float, random: Generator) -> Picture:
    return random.poisson(picture * photons) / photons


def _impulse_noise(picture: Picture, fraction: float, random: Generator) -> Picture:
    place, value = random.random((2, SIDE, SIDE))
    return np.where(place < fraction, value < 0.5, picture)


def _glass_blur(picture: Picture, distance: float, random: Generator) -> Picture:
    down, right = random.uniform(-distance, distance, (2, SIDE, SIDE))
    scattered = ndimage.map_coordinates(picture, [ROWS + down, COLUMNS + right], order=1)
    return _blurred(scattered, 0.5)


def _motion_blur(picture: Picture, length: float, random: Generator) -> Picture:
    angle = random.uniform(0, np.pi)
    reach = int(np.ceil(length / 2)) + 1
    steps = np.linspace(-length / 2, length / 2, 8 * reach)
    edges = np.arange(-reach, reach + 2) - 0.5
    kernel, _, _ = np.histogram2d(np.sin(angle) * steps, np.cos(angle) * steps, bins=(edges, edges))
    return _convolved(picture, kernel / kernel.sum())


def _shear(picture: Picture, factor: float, random: Generator) -> Picture:
    return _warped(picture, np.array([[1, 0], [_sign(random) * factor, 1]]))


def _scale(picture: Picture, factor: float, random: Generator) -> Picture:
    return _warped(_blurred(picture, 0.3 / factor - 0.3), np.eye(2) / factor)


def _rotate(picture: Picture, degrees: float, random: Generator) -> Picture:
    angle = _sign(random) * np.deg2rad(degrees)
    return _warped(picture, np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def _translate(picture: Picture, distance: float, random: Generator) -> Picture:
    angle = random.uniform(0, 2 * np.pi)
    return _warped(picture, np.eye(2), shift=distance * np.array([np.sin(angle), np.cos(angle)]))


def _brightness(picture: Picture, light: float, random: Generator) -> Picture:
    return picture + light


def _fog(picture: Picture, density: float, random: Generator) -> Picture:
    cloud = np.add.reduce([_smooth_noise(random, width) * width for width in (1.0, 2.0, 4.0, 8.0)])
    cover = density * (0.35 + 0.65 * _stretched(cloud))
    return picture * (1 - cover) + cover


def _stripe(picture: Picture, width: float, random: Generator) -> Picture:
    left = (SIDE - int(width)) // 2
    return np.where((left <= COLUMNS) & (left + width > COLUMNS), 1 - picture, picture)


def _spatter(picture: Picture, fraction: float, random: Generator) -> Picture:
    noise = _smooth_noise(random, 1.1)
    border = np.quantile(noise, 1 - fraction)
    cover = np.clip((noise - border) / (0.25 * noise.std()) + 0.5, 0, 1)
    spattered: Picture = picture * (1 - cover) + 0.65 * cover
    return spattered


def _dotted_line(picture: Picture, lines: float, random: Generator) -> Picture:
    for _ in range(int(lines)):
        start, end = _across(random)
        length = np.hypot(*(end - start))
        down, right = (start + (end - start) * np.arange(0, length, 3.0)[:, None] / length).T[:, :, None, None]
        distance = np.hypot(ROWS - down, COLUMNS - right).min(axis=0)
        picture = np.maximum(picture, np.clip(1.3 - distance, 0, 1))
    return picture


def _zigzag(picture: Picture, width: float, random: Generator) -> Picture:
    start, end = _across(random)
    side = np.array([-(end - start)[1], (end - start)[0]]) / np.hypot(*(end - start))
    turns = np.linspace(0, 1, 8)[:, None]
    corners = start + (end - start) * turns + side * random.uniform(2.5, 4.5) * (-1.0) ** np.arange(8)[:, None]
    for one, other in pairwise(corners):
        picture = np.maximum(picture, _segment(one, other, width))
    return picture


def _canny_edges(picture: Picture, amount: float, random: Generator) -> Picture:
    return picture * (1 - amount) + _edges(picture) * amount


def _edges(picture: Picture, *, low: float = 0.3, high: float = 0.8) -> Picture:
    """The edges of a picture, 1 on an edge and 0 elsewhere (J. Canny, IEEE PAMI 8, 1986).

    low, high: the steepness that an edge needs everywhere, and somewhere.
    """
    smooth = _blurred(picture, 0.7)
    down, right = ndimage.sobel(smooth, axis=0), ndimage.sobel(smooth, axis=1)
    steepness = np.hypot(down, right)
    sector = np.rint(np.arctan2(down, right) / (np.pi / 4)).astype(int) % 4
    padded = np.pad(steepness, 1)
    is_ridge = np.zeros((SIDE, SIDE), bool)
    for number, (row, column) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = padded[1 + row : 1 + row + SIDE, 1 + column : 1 + column + SIDE]
        behind = padded[1 - row : 1 - row + SIDE, 1 - column : 1 - column + SIDE]
        is_ridge |= (sector == number) & (steepness >= ahead) & (steepness > behind)
    is_edge = ndimage.binary_propagation(
        is_ridge & (steepness > high), mask=is_ridge & (steepness > low), structure=np.ones((3, 3))
    )
    edges: Picture = is_edge.astype(np.float64)
    return edges


def _blurred(picture: Picture, sigma: float) -> Picture:
    blurred: Picture = ndimage.gaussian_filter(picture, sigma, mode="constant")
    return blurred


def _convolved(picture: Picture, kernel: NDArray[np.float64]) -> Picture:
    convolved: Picture = ndimage.convolve(picture, kernel, mode="constant")
    return convolved


def _warped(picture: Picture, matrix: NDArray[np.float64], *, shift: NDArray[np.float64] | float = 0.0) -> Picture:
    """The picture, mapped about its middle. matrix: from a place in the result to the place in the picture.

    shift: by how many rows and columns it moves.
    """
    middle = np.full(2, MIDDLE)
    warped: Picture = ndimage.affine_transform(picture, matrix, middle - matrix @ (middle + shift), order=1)
    return warped


def _smooth_noise(random: Generator, width: float) -> Picture:
    """Random values that vary smoothly over about `width` pixels, with the mean 0 and the standard deviation 1."""
    noise = ndimage.gaussian_filter(random.standard_normal((SIDE, SIDE)), width, mode="wrap")
    scaled: Picture = (noise - noise.mean()) / noise.std()
    return scaled


def _stretched(values: Picture) -> Picture:
    stretched: Picture = (values - values.min()) / (values.max() - values.min())
    return stretched


def _sign(random: Generator) -> float:
    return 1.0 if random.random() < 0.5 else -1.0


def _across(random: Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two places beyond opposite edges, as rows and columns; the line between them passes near the middle."""
    angle = random.uniform(0, np.pi)
    direction = np.array([np.sin(angle), np.cos(angle)])
    middle = MIDDLE + random.uniform(-6, 6) * np.array([-direction[1], direction[0]])
    return middle - 20 * direction, middle + 20 * direction


def _segment(start: NDArray[np.float64], end: NDArray[np.float64], width: float) -> Picture:
    """A straight stroke on an empty picture, with soft edges."""
    down, right = end - start
    along = ((ROWS - start[0]) * down + (COLUMNS - start[1]) * right) / (down**2 + right**2)
    along = along.clip(0, 1)
    distance = np.hypot(ROWS - start[0] - along * down, COLUMNS - start[1] - along * right)
    stroke: Picture = np.clip(width / 2 + 0.5 - distance, 0, 1)
    return stroke


NOISE, BLUR, PLACE, LIGHT, COVER = "Noise", "Blur", "Place and shape", "Light", "Marks and outlines"

CORRUPTIONS: dict[str, Corruption] = {
    corruption.key: corruption
    for corruption in (
        Corruption(
            "shot_noise", "Shot noise", NOISE, "so little light that every pixel counts single photons",
            (16, 8, 5, 3, 2), "{:g} photons at full ink", _shot_noise,
        ),
        Corruption(
            "impulse_noise", "Impulse noise", NOISE, "some pixels turn black or white",
            (0.04, 0.08, 0.13, 0.19, 0.26), "{:.0%} of the pixels", _impulse_noise,
        ),
        Corruption(
            "glass_blur", "Glass blur", BLUR, "seen through rough glass: each pixel comes from somewhere nearby",
            (0.8, 1.1, 1.4, 1.8, 2.2), "up to {:g} pixels away", _glass_blur,
        ),
        Corruption(
            "motion_blur", "Motion blur", BLUR, "the hand moves while the picture is taken",
            (2, 3, 4, 5.5, 7), "over {:g} pixels", _motion_blur,
        ),
        Corruption(
            "shear", "Shear", PLACE, "slanted to the left or to the right",
            (0.15, 0.3, 0.45, 0.6, 0.7), "{:g} pixels a row", _shear,
        ),
        Corruption(
            "scale", "Scale", PLACE, "smaller, about the middle",
            (0.9, 0.8, 0.7, 0.6, 0.5), "to {:.0%}", _scale,
        ),
        Corruption(
            "rotate", "Rotate", PLACE, "turned to the left or to the right",
            (10, 20, 30, 40, 50), "{:g}°", _rotate,
        ),
        Corruption(
            "translate", "Translate", PLACE, "moved in any direction",
            (1, 2, 3, 4, 5), "by {:g} pixels", _translate,
        ),
        Corruption(
            "brightness", "Brightness", LIGHT, "everything is lighter, so the paper is no longer black",
            (0.15, 0.3, 0.45, 0.6, 0.75), "by {:.0%} of full ink", _brightness,
        ),
        Corruption(
            "fog", "Fog", LIGHT, "behind fog that is thicker in places",
            (0.3, 0.45, 0.6, 0.72, 0.84), "up to {:.0%} hidden", _fog,
        ),
        Corruption(
            "stripe", "Stripe", COVER, "a stripe down the middle shows the negative",
            (1, 2, 3, 4, 6), "{:g} pixels wide", _stripe,
        ),
        Corruption(
            "spatter", "Spatter", COVER, "splashes lie over the digit",
            (0.05, 0.09, 0.13, 0.18, 0.23), "over {:.0%} of the picture", _spatter,
        ),
        Corruption(
            "dotted_line", "Dotted line", COVER, "dotted lines cross the picture",
            (1, 2, 3, 4, 5), "{:g} of them", _dotted_line,
        ),
        Corruption(
            "zigzag", "Zigzag", COVER, "a zigzag crosses the picture",
            (0.6, 1.0, 1.4, 1.8, 2.2), "{:g} pixels wide", _zigzag,
        ),
        Corruption(
            "canny_edges", "Canny edges", COVER, "the ink fades, and the outline is left",
            (0.3, 0.5, 0.7, 0.85, 1.0), "{:.0%} outline", _canny_edges,
        ),
    )
}  # fmt: skip
"""All corruptions by their keys, in the order in which they are shown."""
