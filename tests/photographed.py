"""Small photographs for the tests, made from strokes and a table, with the corners of their sheet known."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CORNERS = np.array([[0.15, 0.12], [0.88, 0.18], [0.80, 0.90], [0.10, 0.82]])
"""Of the sheet on its table, as fractions of the picture."""


def on_paper(strokes: Sequence[np.ndarray], *, width: int = 7, rules: int = 0, ink: str = "#222226") -> Image.Image:
    """Strokes on a sheet that fills the picture of 480 x 360. rules: pixels between printed lines, 0 for none."""
    image = Image.new("RGB", (480, 360), "#eceae6")
    draw = ImageDraw.Draw(image)
    for place in range(rules // 2, 480, rules) if rules else ():
        draw.line([(place, 0), (place, 360)], fill="#a9b9d6")
        draw.line([(0, place), (480, place)], fill="#a9b9d6")
    for stroke in strokes:
        draw.line([tuple(point) for point in stroke.tolist()], fill=ink, width=width, joint="curve")
    return image


def on_table(paper: Image.Image, table: str = "#7a5230") -> Image.Image:
    """The sheet askew on a table."""
    width, height = paper.size
    corners = CORNERS * (width, height)
    rows = []
    for (x, y), (u, v) in zip(corners, [(0, 0), (width, 0), (width, height), (0, height)], strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]]
    system = np.array(rows, np.float64)
    seen = np.linalg.solve(system[:, :8], system[:, 8]).tolist()
    lying = paper.transform(paper.size, Image.Transform.PERSPECTIVE, seen, Image.Resampling.BICUBIC)
    mask = Image.new("L", paper.size)
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in corners.tolist()], fill=255)
    return Image.composite(lying, Image.new("RGB", paper.size, table), mask)


def photographed(scene: Image.Image, *, shadow: bool = False, seed: int = 0) -> Image.Image:
    """The scene as a camera sees it: in light from one side, a little blurred, with noise."""
    random = np.random.default_rng(seed)
    pixels = np.asarray(scene.filter(ImageFilter.GaussianBlur(0.7)), np.float64)
    rows, columns = np.mgrid[: scene.height, : scene.width] / max(scene.size)
    light = 1.0 - 0.25 * columns - 0.1 * rows
    if shadow:
        light = np.where(columns + 0.6 * rows > 0.7, light * 0.55, light)
    seen = pixels * light[..., np.newaxis] + random.normal(0, 2.5, pixels.shape)
    return Image.fromarray(seen.clip(0, 255).astype(np.uint8))


def jpeg(image: Image.Image) -> bytes:
    """The file of a picture."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
