"""Predict digits on rendered photographs of paper, whiteboards and blackboards. The table is in docs/photographs.md.

    python -m tests.benchmarks.photographs pen_digits.npz                    accuracy for each kind, both models
    python -m tests.benchmarks.photographs pen_digits.npz --save FOLDER      and the photographs that fail

Each photograph is rendered from a pen digit: sheet and ink, table, place of the camera, light, lens, sensor, JPEG.
Every kind gets the same number of them, half in gentle and half in harsh light, from a seed of its own.
"""

import argparse
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mnist_core.data.pictures import from_picture, open_picture
from mnist_core.data.preprocessing import Stroke, blank
from mnist_core.data.strokes import PenDigits, load_pen_digits
from mnist_core.errors import PictureError
from mnist_core.models.classifier import Classifier
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.store import list_runs, load_run

EACH = 50
SIZES = ((1200, 900), (1600, 1200), (1440, 1080), (900, 1200), (1200, 1600))
Colour = tuple[float, float, float]
Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Kind:
    """What a kind of photograph shows. Pairs are the limits of what is drawn by chance.

    size: of the digit, its longer side as a fraction of the picture's shorter side. pen: its width as a fraction of the
    digit. ink, paper: colours in 0..1, red first. opacity: of the ink. grain: how much the paper shows through it.
    rules: 1 for lines, 2 for squares. table: None if the sheet fills the picture. sides: how many of the four sides of
    the sheet are in the picture. tilt: how far the corners of the sheet move, as a fraction of the picture.
    texture: of the paper. shadow, lamp: whether the light has them. blur: of the lens in pixels. quality: of the JPEG.
    """

    size: tuple[float, float] = (0.25, 0.6)
    pen: tuple[float, float] = (0.04, 0.09)
    ink: Colour = (0.09, 0.09, 0.11)
    paper: Colour = (0.93, 0.93, 0.91)
    opacity: tuple[float, float] = (0.85, 1.0)
    grain: float = 0.05
    rules: int = 0
    table: str | None = None
    sides: int = 0
    tilt: float = 0.02
    texture: float = 0.006
    shadow: bool = False
    lamp: bool = False
    blur: tuple[float, float] = (0.6, 1.3)
    quality: tuple[int, int] = (70, 92)


BLUE, PENCIL = (0.13, 0.20, 0.62), (0.36, 0.36, 0.38)
KINDS: dict[str, Kind] = {
    "sheet fills the picture": Kind(),
    "uneven lamp light": Kind(lamp=True),
    "hard shadow across": Kind(shadow=True),
    "sheet on a wooden table": Kind(table="wood", sides=4, size=(0.2, 0.4)),
    "sheet on a dark table": Kind(table="dark", sides=4, size=(0.2, 0.4), shadow=True),
    "sheet on a light table": Kind(table="light", sides=4, size=(0.2, 0.4)),
    "strip of table at one side": Kind(table="wood", sides=1),
    "perspective": Kind(table="wood", sides=4, size=(0.2, 0.4), tilt=0.12),
    "ruled paper": Kind(rules=1),
    "squared paper": Kind(rules=2),
    "squared paper, blue pen, shadow": Kind(rules=2, ink=BLUE, shadow=True),
    "pencil": Kind(ink=PENCIL, opacity=(0.5, 0.85), grain=0.35, pen=(0.025, 0.05)),
    "blue ballpoint": Kind(ink=BLUE, opacity=(0.7, 0.95), pen=(0.02, 0.045)),
    "small digit, 8 to 14 %": Kind(size=(0.08, 0.14), pen=(0.06, 0.12)),
    "old paper with texture": Kind(paper=(0.80, 0.70, 0.50), texture=0.03, ink=(0.25, 0.17, 0.10)),
    "whiteboard": Kind(paper=(0.88, 0.90, 0.92), ink=(0.10, 0.12, 0.40), pen=(0.05, 0.12), lamp=True, texture=0.003),
    "blackboard": Kind(
        paper=(0.12, 0.18, 0.15), ink=(0.90, 0.90, 0.86), opacity=(0.6, 0.9), grain=0.5, pen=(0.06, 0.12), texture=0.02
    ),
    "blurred, strong JPEG": Kind(blur=(2.0, 3.5), quality=(25, 45)),
}
TABLES: dict[str, Colour] = {"wood": (0.52, 0.35, 0.20), "dark": (0.13, 0.11, 0.11), "light": (0.74, 0.71, 0.66)}


def photographs(pen: PenDigits, kind: str, *, each: int = EACH, seed: int = 0) -> Iterator[tuple[bytes, int]]:
    """Seeded photographs of one kind as JPEG files, with their labels. Every second one is in harsh light."""
    random = np.random.default_rng([seed, zlib.crc32(kind.encode())])
    for number, index in enumerate(random.choice(len(pen.labels), each, replace=False)):
        yield photograph(pen.strokes(int(index)), KINDS[kind], random, harsh=number % 2 == 1), int(pen.labels[index])


def photograph(
    strokes: Sequence[Stroke],
    kind: Kind,
    random: np.random.Generator,
    *,
    harsh: bool,
    size: tuple[int, int] | None = None,
) -> bytes:
    """One photograph as a JPEG file. size: width and height in pixels, by chance if None."""
    width, height = size or SIZES[random.integers(len(SIZES))]
    corners = _corners(kind, width, height, random)
    # The sheet's own picture is as large as the photograph; the camera's place moves its corners.
    frame = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    seen = cv2.getPerspectiveTransform(frame, corners.astype(np.float32))
    taken = cv2.perspectiveTransform(frame[np.newaxis], np.linalg.inv(seen))[0]
    scene = _sheet(strokes, kind, width, height, random, taken=taken)
    flat = cv2.warpPerspective(scene, seen, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    if kind.table is not None:
        inside = cv2.warpPerspective(np.ones((height, width), np.float32), seen, (width, height))[..., np.newaxis]
        # The sheet lies on the table and throws a thin shadow there.
        thrown = cv2.GaussianBlur(np.roll(inside, random.integers(2, 7, 2), axis=(0, 1)), (0, 0), 4)[..., np.newaxis]
        flat = flat * inside + _table(kind.table, width, height, random) * (1 - 0.35 * thrown) * (1 - inside)
    return _exposed(flat * _light(kind, width, height, random, harsh=harsh), kind, random, harsh=harsh)


def _corners(kind: Kind, width: int, height: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Where the corners of the sheet lie in the picture, (4, 2) in pixels, from the upper left one clockwise."""
    inset = np.zeros(4)  # left, top, right, bottom
    seen = random.permutation(4)[: kind.sides]
    inset[seen] = random.uniform(0.06, 0.16, kind.sides)
    # A side that is not in the picture lies outside of it, however the camera is turned.
    inset[[side for side in range(4) if side not in seen]] = -0.25 if kind.table else 0.0
    left, top, right, bottom = inset
    corners = np.array([[left, top], [1 - right, top], [1 - right, 1 - bottom], [left, 1 - bottom]])
    corners += random.uniform(-kind.tilt, kind.tilt, (4, 2)) / 2
    if kind.tilt > 0.05:  # seen from below: the far side is shorter
        corners[0, 0] += kind.tilt * random.uniform(0.6, 1.2)
        corners[1, 0] -= kind.tilt * random.uniform(0.6, 1.2)
    corners *= (width, height)
    angle = np.deg2rad(random.uniform(-5, 5))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array([width, height]) / 2
    return (corners - middle) @ turn + middle


def _sheet(
    strokes: Sequence[Stroke],
    kind: Kind,
    width: int,
    height: int,
    random: np.random.Generator,
    *,
    taken: NDArray[np.float32],
) -> Pixels:
    """The sheet with its digit, as seen from above in even light: (height, width, 3).

    taken: where the corners of the photograph lie on the sheet, (4, 2), from the upper left one clockwise. The digit is
    within them.
    """
    shade = np.float32(kind.paper) * random.uniform(0.94, 1.03)
    sheet = np.ones((height, width, 1), np.float32) * shade
    fibres = sum(_cloud(width, height, scale, random) for scale in (1.5, 6, 60)) / 2
    sheet *= 1 + np.float32(kind.texture) * fibres[..., np.newaxis]
    short = min(width, height)
    if kind.rules:
        distance, thickness = random.uniform(0.045, 0.09) * short, int(random.integers(1, 4))
        colour = np.float32([(0.55, 0.65, 0.85), (0.6, 0.6, 0.65), (0.8, 0.6, 0.62)][random.integers(3)])
        lines = np.zeros((height, width), np.uint8)
        for place in np.arange(random.uniform(0, distance), height, distance):
            cv2.line(lines, (0, round(place)), (width, round(place)), 255, thickness, cv2.LINE_AA)
        for place in np.arange(random.uniform(0, distance), width, distance) if kind.rules == 2 else ():
            cv2.line(lines, (round(place), 0), (round(place), height), 255, thickness, cv2.LINE_AA)
        share = lines[..., np.newaxis].astype(np.float32) / 255 * np.float32(random.uniform(0.5, 1.0))
        sheet = sheet * (1 - share) + colour * share
    long = random.uniform(*kind.size) * short
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = long / max(float((high - low).max()), 1e-6)
    extent = (high - low) * scale
    middle = np.array([width, height]) / 2
    # Near the middle of the sheet, and never over its edge.
    room = np.maximum((np.array([width, height]) * 0.72 - extent) / 2, 0)
    place = middle + random.uniform(-1, 1, 2) * room * (0.9 if kind.size[1] < 0.2 else 0.5)
    place, scale = _within(taken, place, extent, scale)
    long, extent = min(long, scale * float((high - low).max())), (high - low) * scale
    times, mask = 2, np.zeros((height * 2, width * 2), np.uint8)
    pen = max(2, round(random.uniform(*kind.pen) * long * times))
    for stroke in strokes:
        path = ((stroke - (low + high) / 2) * scale + place) * times
        cv2.polylines(mask, [np.round(path * 16).astype(np.int32)], False, 255, pen, cv2.LINE_AA, 4)
        for x, y in path[[0, -1]]:
            cv2.circle(mask, (round(x), round(y)), pen // 2, 255, -1, cv2.LINE_AA)
    drawn = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    pressure = 1 - kind.grain * np.clip(0.5 + 0.6 * _cloud(width, height, 1.2, random), 0, 1)
    share = (drawn * pressure * np.float32(random.uniform(*kind.opacity)))[..., np.newaxis]
    return (sheet * (1 - share) + np.float32(kind.ink) * share).astype(np.float32)


def _within(
    taken: NDArray[np.float32], place: NDArray[np.float64], extent: NDArray[np.float64], scale: float
) -> tuple[NDArray[np.float64], float]:
    """Place and scale of a digit, changed only if the photograph would cut it. taken: as for `_sheet`."""
    low = np.array([max(taken[0, 0], taken[3, 0]), max(taken[0, 1], taken[1, 1])])
    high = np.array([min(taken[1, 0], taken[2, 0]), min(taken[2, 1], taken[3, 1])])
    low, high = low + 0.06 * (high - low), high - 0.06 * (high - low)
    smaller = min(1.0, float(((high - low) / np.maximum(extent, 1e-6)).min()))
    half = extent * smaller / 2
    return np.clip(place, low + half, high - half), scale * smaller


def _table(name: str, width: int, height: int, random: np.random.Generator) -> Pixels:
    table = np.ones((height, width, 1), np.float32) * np.float32(TABLES[name]) * np.float32(random.uniform(0.85, 1.15))
    if name == "wood":
        long_grain = cv2.GaussianBlur(random.standard_normal((height, width), np.float32), (0, 0), 40, sigmaY=1.5)
        wide_grain = cv2.GaussianBlur(random.standard_normal((height, width), np.float32), (0, 0), 150, sigmaY=9)
        grain = long_grain / long_grain.std() * 0.07 + wide_grain / wide_grain.std() * 0.10
        return table * (1 + (grain if random.random() < 0.5 else cv2.resize(grain.T, (width, height))))[..., np.newaxis]
    return table * (1 + np.float32(0.02) * _cloud(width, height, 3, random)[..., np.newaxis])


def _light(kind: Kind, width: int, height: int, random: np.random.Generator, *, harsh: bool) -> Pixels:
    """The light on each point: (height, width, 3), 1 where it is brightest."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    rows, columns = rows / height - 0.5, columns / width - 0.5
    angle = random.uniform(0, 2 * np.pi)
    light = 1 - np.float32(0.5 if harsh else 0.15) * (0.5 + np.cos(angle) * columns + np.sin(angle) * rows)
    if kind.lamp:
        y, x = random.uniform(-0.4, 0.4, 2)
        spread = random.uniform(0.25, 0.4) if harsh else random.uniform(0.5, 0.8)
        dark = 0.35 if harsh else 0.7
        light *= dark + (1 - dark) * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / np.float32(2 * spread**2))
    if kind.shadow:
        angle, offset = random.uniform(0, 2 * np.pi), random.uniform(-0.2, 0.2)
        side = (np.cos(angle) * columns + np.sin(angle) * rows > offset).astype(np.float32)
        edge = random.uniform(2, 8) if harsh else random.uniform(12, 40)
        light *= 1 - np.float32(random.uniform(0.4, 0.6) if harsh else 0.3) * cv2.GaussianBlur(side, (0, 0), edge)
    cast = 1 + random.uniform(-0.06, 0.06, 3).astype(np.float32)
    return (light[..., np.newaxis] * cast).astype(np.float32)


def _exposed(scene: Pixels, kind: Kind, random: np.random.Generator, *, harsh: bool) -> bytes:
    """What the camera makes of the scene: a JPEG file."""
    blurred = cv2.GaussianBlur(scene, (0, 0), random.uniform(*kind.blur))
    bright = np.quantile(blurred, 0.99)
    target = max(0.5, min(1.0, bright * 1.3)) if bright < 0.5 else random.uniform(0.78, 1.0)
    pixels = blurred * np.float32(target / max(bright, 1e-3) * 255)
    noise = np.float32(random.uniform(3, 6) if harsh else random.uniform(1.5, 3))
    pixels += noise * random.standard_normal(pixels.shape, np.float32)
    pixels = pixels.clip(0, 255).round().astype(np.uint8)
    quality = int(random.integers(*kind.quality))
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def _cloud(width: int, height: int, scale: float, random: np.random.Generator) -> Pixels:
    """Smooth noise of mean 0 and deviation 1. scale: of its spots in pixels."""
    step = max(1, int(scale / 1.5))
    noise = random.standard_normal((height // step + 2, width // step + 2), np.float32)
    noise = cv2.resize(cv2.GaussianBlur(noise, (0, 0), scale / step), (width, height), interpolation=cv2.INTER_LINEAR)
    return (noise / noise.std()).astype(np.float32)


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pen_digits", type=Path)
    parser.add_argument("--each", type=int, default=EACH, help=f"photographs of each kind (default {EACH})")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="kinds whose name contains this")
    parser.add_argument("--save", type=Path, help="a folder for the photographs that either model predicts wrongly")
    options = parser.parse_args()
    pen = load_pen_digits(options.pen_digits)
    names = default_pair([run.name for run in list_runs()[0]])
    classifiers = [Classifier(load_run(name).model_path) for name in names]
    print("| kind | " + " | ".join(names) + " | refused |\n|---|" + "---|" * (len(names) + 1))
    correct, refused = [], []
    for kind in (name for name in KINDS if (options.only or "") in name):
        digits, labels, refusals, files = [], [], 0, []
        for data, label in photographs(pen, kind, each=options.each, seed=options.seed):
            try:
                digits.append(from_picture(open_picture(data)))
            except PictureError:
                digits.append(blank())
                refusals += 1
            labels.append(label if digits[-1].any() else -1)
            files.append((data, label))
        predicted = [model.probabilities(np.stack(digits)).argmax(axis=1) for model in classifiers]
        correct.append([(answers == labels) for answers in predicted])
        refused.append(refusals)
        _print_row(kind, [right.mean() for right in correct[-1]], refusals)
        if options.save:
            options.save.mkdir(parents=True, exist_ok=True)
            for number, (data, label) in enumerate(files):
                answers = [int(each[number]) if labels[number] >= 0 else "x" for each in predicted]
                if set(answers) != {label}:
                    name = f"{kind} {number} is {label} read {answers[0]} {answers[1]}.jpg".replace(",", "")
                    (options.save / name.replace(" ", "_")).write_bytes(data)
    _print_row("**all**", np.mean(correct, axis=(0, 2)), sum(refused))


def _print_row(kind: str, fractions: Sequence[float], refusals: int) -> None:
    print(f"| {kind} | " + " | ".join(f"{fraction:.1%}" for fraction in fractions) + f" | {refusals} |")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
