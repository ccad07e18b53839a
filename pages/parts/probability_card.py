"""A card of one digit with the probabilities that each run gives it, on the pages that show single test digits."""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.runs.run import Run
from pages.parts.cached_runs import architecture_style
from pages.parts.templates import render


def show_probability_card(
    title: str,
    label: int,
    *,
    picture: NDArray[np.uint8] | None,
    runs: Mapping[str, Run],
    probabilities: Mapping[str, NDArray[np.float32]],
) -> None:
    """Show the card.

    title: names the digit. label: its true digit, 0..9. picture: (28, 28), or None if it is not on this machine.
    runs: by name. probabilities: (10,) for each run that is shown, by its name.
    """
    predictions = [
        (
            name,
            architecture_style(runs[name].architecture).colour,
            int(its.argmax()),
            [float(value) for value in its],
        )
        for name, its in probabilities.items()
    ]
    st.html(
        render("parts/probability_card.html.j2", title=title, label=label, picture=picture, predictions=predictions)
    )
