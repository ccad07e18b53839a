"""The view "Label errors": test digits for which all chosen models predict the same digit, and not the label."""

import streamlit as st

from mnist_core.data.datasets import MNIST_DIGEST
from mnist_core.dataset_statistics.label_errors import likely_mislabelled
from mnist_core.dataset_statistics.statistics import Statistics
from mnist_core.formatting import number, probability
from mnist_core.runs.promotion import default_pair
from pages.dataset import digit_card
from pages.parts import cached_digits
from pages.parts.digit_grid import Tile, show_grid
from pages.parts.download_offer import offer_download
from pages.parts.run_picker import pick_runs, show_damaged
from pages.parts.runs_with_predictions import with_predictions

LARGEST_GRID = 120


def show_label_errors(statistics: Statistics) -> None:
    """Show the picker of models, and the digits whose labels they deny."""
    st.write(
        "Test digits for which all the chosen models predict the same digit, but not the label. "
        "Some of these labels are **likely** errors; others are correct, and the digit is written badly."
    )
    picked = [run for run in pick_runs("dataset") if run.data.get("digest") == MNIST_DIGEST]
    stored = list(with_predictions(picked)[1].values())
    if not stored:
        st.caption("Choose at least one model that was tested on MNIST.")
        return
    found = likely_mislabelled([each.probabilities for each in stored], stored[0].labels)
    images = cached_digits.test_digits().images if cached_digits.has_mnist() else None
    st.caption(
        f"{number(len(found))} of {number(len(stored[0].labels))}, the most certain first. "
        "The percentage is that of the least certain model."
    )
    tiles = [
        Tile(
            each.index,
            str(each.label),
            (f"label {each.label} → {each.predicted}", f"{probability(each.confidence)} · #{each.index}"),
            f"Test digit {each.index}, labelled {each.label}, predicted as {each.predicted}, "
            f"with at least {probability(each.confidence)}",
            None if images is None else images[each.index],
        )
        for each in found[:LARGEST_GRID]
    ]
    models = default_pair([run.name for run in picked]) if len(picked) > 1 else None
    many, one = digit_card.beside()
    with many:
        show_grid(
            tiles,
            label="Digits whose labels are likely errors",
            key="dataset_label_errors",
            on_pick=lambda index: digit_card.pick("test", index),
            tile=104,
        )
    with one:
        if images is not None:
            digit_card.show_card(statistics, ("test", found[0].index if found else 0), models=models)
        else:
            offer_download("dataset")
    show_damaged()
