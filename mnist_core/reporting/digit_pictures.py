"""Pictures of digits within HTML: as addresses for `<img>`, and as a strip with captions."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from mnist_core.reporting.templates import render


def data_url(pixels: NDArray[np.uint8]) -> str:
    """A picture as the address of an `<img>`: a PNG within the page itself.

    pixels: (height, width) uint8; 255 is white.

    >>> data_url(np.zeros((28, 28), np.uint8))[:30]
    'data:image/png;base64,iVBORw0K'
    """
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels, np.uint8)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def digit_strip(pictures: Sequence[NDArray[np.uint8]], captions: Sequence[str]) -> Markup:
    """Small pictures in rows, each with its caption. pictures: (28, 28) uint8 each."""
    digits = [(data_url(picture), caption) for picture, caption in zip(pictures, captions, strict=True)]
    return render("digit_strip.html.j2", digits=digits)
