"""Small pictures of digits in HTML, each with its caption."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from mnist_core.reporting.html_templates import render
from mnist_core.reporting.picture_addresses import data_url


def digit_strip(pictures: Sequence[NDArray[np.uint8]], captions: Sequence[str]) -> Markup:
    """Small pictures in rows, each with its caption. pictures: (28, 28) uint8 each."""
    digits = [(data_url(picture), caption) for picture, caption in zip(pictures, captions, strict=True)]
    return render("digit_strip.html.j2", digits=digits)
