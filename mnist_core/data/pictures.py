"""Find the ink in a picture of a digit, which may be a drawing from a screen or a photograph of paper.

    >>> picture = Image.new("L", (200, 200), 255)
    >>> picture.paste(20, (95, 40, 105, 160))                # a 1 in black ink
    >>> file = io.BytesIO()
    >>> picture.save(file, "JPEG")
    >>> digit = from_picture(open_picture(file.getvalue()))
    >>> digit.shape, digit.dtype, bool(digit.max() > 0.9)
    ((28, 28), dtype('float32'), True)

A picture may be PNG, JPEG or WebP; in colour, grey or transparent; dark on light or light on dark. Drawings from a
screen and scans are read here. On photographs, paper.py finds the sheet and photographs.py the ink. The result is
(height, width) ink in 0..1 for preprocessing.py.
"""

import io
import struct
import warnings
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy import ndimage

from mnist_core.data.preprocessing import LONGER_SIDE, Digit, from_ink, ink_box
from mnist_core.errors import PictureError

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = {"PNG": 12_000_000, "WEBP": 12_000_000, "JPEG": 50_000_000}
"""Checked before a pixel is decoded. PNG and WebP are decoded whole, at up to four bytes a pixel. A JPEG is decoded at
a fraction of its size; a phone's camera makes 12 to 50 million pixels."""

MAX_PIXELS_PROGRESSIVE = 24_000_000
"""For a progressive JPEG, of which the decoder keeps everything at up to six bytes a pixel, whatever size is wanted."""

WORKING_SIDE = 560
"""Larger pictures are first reduced to this longer side, which is 20 times the digit's."""

LARGEST_SIDE = 4 * WORKING_SIDE
"""A decoded picture keeps no longer side than this."""

NOWHERE = np.zeros((4, 2))
"""The outline of no ink."""

SMALL_SIDE = 64
"""Pictures up to this size are too small for a shadow. Their background is one level."""

FAINTEST = 0.08
"""Smallest contrast between ink and paper, as a fraction of black to white. Anything fainter is noise."""

CLEAN = 0.02
"""Noise below this fraction of the ink's contrast is ignored: the picture is a drawing, not a photograph."""

THINNEST = 1.5
"""Smallest width of lines in digit pixels. MNIST's thinnest digits have about this width."""

SPECK_FRACTION = 0.03
"""Separate marks with less ink than this fraction of the largest mark's ink are dirt."""


_one_at_a_time = Lock()
"""For what takes much memory: decoding a picture, and searching a photograph."""


def open_picture(data: bytes) -> Image.Image:
    """Decode a PNG, JPEG or WebP file, reduced to LARGEST_SIDE if it is larger.

    One picture is decoded at a time in a process, so that many visitors need no more memory than one. Raises
    PictureError for any other or broken file, and for too many pixels: more than 12 million in a PNG or WebP file, 50
    million in a JPEG file, 24 million in a progressive one.
    """
    with _one_at_a_time:
        return _decoded(data)


def _decoded(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures, whose size is checked below before anything is decoded, and of broken
            # Exif data.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
            _check_size(image)
            # A JPEG can be decoded at a half, a quarter or an eighth of its size, for a fraction of the memory.
            image.draft("RGB", (2 * WORKING_SIDE, 2 * WORKING_SIDE))
            image.load()
            if max(image.size) > LARGEST_SIDE:
                if image.mode in ("1", "P"):  # Colours of a palette cannot be averaged.
                    image = image.convert("RGBA")
                image.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.BOX)
            return _upright(image)
    except Image.DecompressionBombError:
        most = max(MAX_PIXELS.values()) // 1_000_000
        raise PictureError(
            f"The picture has too many pixels, expected at most {most} million. Make it smaller."
        ) from None
    except UnidentifiedImageError:
        raise PictureError(
            f"The file ({len(data):,} bytes) is not a readable picture, expected PNG, JPEG or WebP. "
            "Choose another file."
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureError(f"The picture is damaged ({error}). Save it again as PNG, JPEG or WebP.") from error


def _check_size(image: Image.Image) -> None:
    """Raise PictureError if there are more pixels than a file of this kind may have. Nothing is decoded yet."""
    kind = str(image.format)
    is_progressive = bool(image.info.get("progressive"))
    most = MAX_PIXELS_PROGRESSIVE if is_progressive else MAX_PIXELS[kind]
    if image.width * image.height > most:
        raise PictureError(
            f"The picture has {image.width:,} x {image.height:,} pixels, expected at most {most // 1_000_000} million "
            f"in a {'progressive ' if is_progressive else ''}{kind} file. Make it smaller."
        )


def _upright(image: Image.Image) -> Image.Image:
    """The picture, turned as its Exif data says. Broken Exif data is ignored, because the picture is what matters."""
    try:
        return ImageOps.exif_transpose(image)
    except (struct.error, ValueError, TypeError, KeyError, SyntaxError, OSError, OverflowError, ZeroDivisionError):
        return image


@dataclass(frozen=True)
class Found:
    """What was found on a picture.

    digit: (28, 28) float32 in 0..1, as the models get it. ink: (height, width) float32 in 0..1, from which it was made.
    sheet: the corners of the sheet of paper, (4, 2), None if no sheet was seen or it fills the picture. outline: the
    corners of the place where the digit is, (4, 2). Corners are x and y as fractions of the picture's width and height,
    from the upper left one clockwise. is_photograph: whether the picture has the light and noise of a camera.
    """

    digit: Digit
    ink: NDArray[np.float32]
    sheet: NDArray[np.float64] | None
    outline: NDArray[np.float64]
    is_photograph: bool


@dataclass(frozen=True)
class SeenInk:
    """The ink on a picture, and where it is: see `Found`. Without any, ink and outline are all 0.

    Lines that are too thin for a digit are still so, see `thick_enough`.
    """

    ink: NDArray[np.float32]
    outline: NDArray[np.float64]
    sheet: NDArray[np.float64] | None = None
    is_photograph: bool = False


def from_picture(image: Image.Image) -> Digit:
    """The digit on a picture, (28, 28) float32 in 0..1. Raises PictureError as `find_digit` does."""
    return find_digit(image).digit


def find_digit(image: Image.Image) -> Found:
    """The digit on a picture, and where it was found.

    Raises PictureError if nothing is drawn on the picture, or if there are several digits on a photograph.
    """
    seen = see_ink(image)
    ink = thick_enough(seen.ink)
    return Found(from_ink(ink), ink, seen.sheet, seen.outline, seen.is_photograph)


def find_ink(image: Image.Image) -> NDArray[np.float32]:
    """The ink on a picture: (height, width) float32, 0 for paper to 1 for full ink. All 0 if nothing stands out.

    Raises PictureError for a picture without pixels, and for a photograph of several digits.
    """
    return thick_enough(_search(image).ink)


def see_ink(image: Image.Image, *, several: bool = False) -> SeenInk:
    """The ink on a picture, and where it is.

    several: whether there may be several digits beside each other. Raises PictureError as `find_digit` does.
    """
    seen = _search(image, several=several)
    if not seen.ink.any():
        where = "on the sheet of paper" if seen.sheet is not None else "on the picture"
        raise PictureError(
            f"There is nothing drawn {where} that stands out from its background. Use one with a single clear digit."
        )
    return seen


def _search(image: Image.Image, *, several: bool = False) -> SeenInk:
    if 0 in image.size:
        raise PictureError(
            f"The picture has {image.width} x {image.height} pixels, expected at least 1 x 1. Choose another file."
        )
    grey = _grey(image)
    read = _on_photograph if _is_photograph(grey) else _on_drawing
    return read(image, grey, several=several)


def _on_drawing(image: Image.Image, grey: NDArray[np.float32], *, several: bool) -> SeenInk:
    """The ink on a screenshot or a scan. grey: the picture's grey levels."""
    contrast = grey - _background(grey)
    # Ink is either darker or lighter than the paper. The side that stands out more is the ink.
    dark, light = (float(np.clip(side - FAINTEST, 0, None).sum()) for side in (-contrast, contrast))
    if max(dark, light) == 0:
        return SeenInk(np.zeros_like(grey), NOWHERE)
    towards_ink = -contrast if dark >= light else contrast
    # The other side of the paper's level has no ink and no soft edge, so the values there are noise.
    noise = float(np.quantile(np.clip(-towards_ink, 0, None), 0.98))
    ink = _without_specks(_stretched(np.clip(towards_ink, 0, None), noise))
    box = ink_box(ink)
    if box is None:
        return SeenInk(ink, NOWHERE)
    rows, columns = box
    closer = _closer(image, ink)
    return SeenInk(
        ink if closer is None else _search(closer, several=several).ink,
        _corners(columns.start, rows.start, columns.stop, rows.stop) / (ink.shape[1], ink.shape[0]),
    )


def _on_photograph(image: Image.Image, grey: NDArray[np.float32], *, several: bool) -> SeenInk:
    """The ink on a photograph: of a sheet of paper that fills it or lies on a table, or of a board."""
    from mnist_core.data import paper, photographs  # OpenCV takes memory that a server without photographs saves.

    has_colours = image.mode in ("RGB", "CMYK", "YCbCr") and not image.has_transparency_data
    plain = image if has_colours or image.mode == "L" else Image.fromarray((grey * 255).round().astype(np.uint8))
    pixels = np.asarray(plain.convert("RGB"))
    with _one_at_a_time:
        sheet = paper.find_sheet(pixels)
        flat = pixels if sheet is None else sheet.flat(pixels)
        marks = photographs.find_marks(flat, several=several)
    corners = None if sheet is None else sheet.corners
    if marks is None or not marks.ink.any():
        return SeenInk(np.zeros((1, 1), np.float32), NOWHERE, corners, is_photograph=True)
    ink = _without_specks(_stretched(marks.ink, marks.noise))
    outline = _corners(*marks.box) / (flat.shape[1], flat.shape[0])
    return SeenInk(ink, outline if sheet is None else sheet.on_picture(outline), corners, is_photograph=True)


def _corners(left: float, top: float, right: float, bottom: float) -> NDArray[np.float64]:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def _is_photograph(grey: NDArray[np.float32]) -> bool:
    """Whether the border shows the light and the noise of a camera. A drawing from a screen has none."""
    if min(grey.shape) <= SMALL_SIDE:
        return False
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return bool(np.quantile(np.abs(border - np.median(border)), 0.95) >= FAINTEST / 8)


def _closer(image: Image.Image, ink: NDArray[np.float32]) -> Image.Image | None:
    """The part of the picture around its ink, if the ink is small and the picture was reduced; else None.

    From that part alone, the ink gets more pixels.
    """
    box, scale = ink_box(ink), max(image.size) / max(ink.shape)
    if box is None or scale <= 1 or _longer_side(box) > WORKING_SIDE / 4:
        return None
    rows, columns = box
    margin = _longer_side(box) // 2 + 4
    left, top = max(0, columns.start - margin), max(0, rows.start - margin)
    right, bottom = min(ink.shape[1], columns.stop + margin), min(ink.shape[0], rows.stop + margin)
    return image.crop(tuple(round(edge * scale) for edge in (left, top, right, bottom)))


def _longer_side(box: tuple[slice, slice]) -> int:
    rows, columns = box
    return max(int(rows.stop - rows.start), int(columns.stop - columns.start))


def shown(image: Image.Image, side: int) -> Image.Image:
    """The picture for display: grey, on its paper, and at most `side` pixels along its longer side."""
    small = Image.fromarray((_grey(image) * 255).round().astype(np.uint8))
    scale = side / max(small.size)
    size = (max(1, round(small.width * scale)), max(1, round(small.height * scale)))
    return small.resize(size, Image.Resampling.NEAREST if max(small.size) <= SMALL_SIDE else Image.Resampling.LANCZOS)


def _grey(image: Image.Image) -> NDArray[np.float32]:
    """Grey levels of working size: (height, width) in 0..1, 1 is white.

    A transparent picture is laid on black or white, whichever shows it better.
    """
    image = image.copy()
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    if image.mode in ("I", "I;16", "F", "I;16B"):
        values = np.asarray(image, np.float32)
        # Formats of 16 bits and more have no common white level, so the lightest pixel is white.
        scaled: NDArray[np.float32] = values / max(values.max(), np.float32(1e-6))
        return scaled
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        alpha = np.asarray(rgba.getchannel("A"), np.float32) / np.float32(255)
        luminance = np.asarray(rgba.convert("RGB").convert("L"), np.float32) / np.float32(255)
        visible = float((luminance * alpha).sum() / max(alpha.sum(), 1e-6))
        paper = np.float32(visible < 0.5)
        laid: NDArray[np.float32] = luminance * alpha + paper * (1 - alpha)
        return laid
    return np.asarray(image.convert("L"), np.float32) / np.float32(255)


def _background(grey: NDArray[np.float32]) -> NDArray[np.float32] | np.float32:
    """The paper's level at each pixel. A wide median ignores the strokes and follows shadows."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    level = np.float32(np.median(border))
    if min(grey.shape) <= SMALL_SIDE:
        return level
    # A flat border means a flat picture (a screenshot, a scan). One level is exact there, and a median could erase a
    # thick digit.
    if np.quantile(np.abs(border - level), 0.9) < FAINTEST / 4:
        return level
    step = max(1, max(grey.shape) // 64)
    coarse = grey[::step, ::step]
    smooth = ndimage.gaussian_filter(
        ndimage.median_filter(coarse, size=max(3, max(coarse.shape) // 2 | 1), mode="nearest"), 2
    )
    zoomed = np.repeat(np.repeat(smooth, step, axis=0), step, axis=1)[: grey.shape[0], : grey.shape[1]]
    background: NDArray[np.float32] = ndimage.gaussian_filter(zoomed, step).astype(np.float32)
    return background


def _stretched(strength: NDArray[np.float32], noise: float) -> NDArray[np.float32]:
    """Bring the paper's noise to 0 and the ink's own level to 1. Without noise, soft edges stay as they are."""
    full = float(strength.max())
    threshold = _otsu(strength / full) * full
    noisy = noise > CLEAN * full
    floor = min(2 * noise, threshold / 2) if noisy else 0.0
    top = float(np.median(strength[strength > threshold])) if noisy else full
    stretched: NDArray[np.float32] = np.clip((strength - floor) / max(top - floor, 1e-6), 0, 1).astype(np.float32)
    return stretched


def thick_enough(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Thicken lines that would be too thin at the digit's scale, such as those of a fineliner in a large scan."""
    body, box = ink > 0.5, ink_box(ink)
    if box is None or not body.any():
        return ink
    # Within a long line of width w, the mean distance to the edge is w / 4.
    width = 4 * float(ndimage.distance_transform_edt(body)[body].mean()) - 1
    missing = THINNEST * _longer_side(box) / LONGER_SIDE - width
    if missing <= 0:
        return ink
    distance = ndimage.distance_transform_edt(~np.pad(body, int(missing) + 1))
    thicker: NDArray[np.float32] = np.clip(missing / 2 + 0.5 - distance, 0, 1).astype(np.float32)
    return np.maximum(thicker, np.pad(ink, int(missing) + 1))


def _otsu(values: NDArray[np.float32]) -> float:
    """The level in 0..1 that separates values best into two groups (N. Otsu, IEEE Trans. SMC 9, 1979)."""
    counts, edges = np.histogram(values, bins=256, range=(0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    below = counts.cumsum()
    above = below[-1] - below
    sums = (counts * middles).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(middles[int(np.nan_to_num(between).argmax())])


def _without_specks(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Remove marks with much less ink than the largest one. The others keep their soft edges."""
    marks, count = ndimage.label(ink > 0.3, structure=np.ones((3, 3)))
    if not count:
        return ink
    weights = ndimage.sum_labels(ink, marks, np.arange(1, count + 1))
    kept = np.isin(marks, 1 + np.flatnonzero(weights >= SPECK_FRACTION * weights.max()))
    edges = ndimage.binary_dilation(
        kept, structure=np.ones((3, 3)), iterations=1 if min(ink.shape) <= SMALL_SIDE else 2
    )
    return np.where(edges, ink, 0).astype(np.float32)
