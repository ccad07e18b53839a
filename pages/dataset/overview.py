"""The view "Overview": how many of each digit MNIST holds, and the average of each."""

import streamlit as st

from mnist_core.dataset_statistics.statistics import Statistics
from pages.parts.templates import render


def show_overview(statistics: Statistics) -> None:
    """Show the counts and the averages, from the stored statistics."""
    st.header("How many", anchor=False)
    splits = [[int(count) for count in counts] for counts in (statistics.train_counts, statistics.test_counts)]
    st.html(render("dataset/overview.html.j2", splits=splits))
    st.header("The average digit, and where its examples differ", anchor=False)
    digits = [
        {"count": int(count), "mean": statistics.mean[digit], "spread": statistics.spread[digit]}
        for digit, count in enumerate(statistics.train_counts)
    ]
    st.html(render("dataset/averages.html.j2", digits=digits))
    st.caption(
        "The upper row is the mean of all training digits with that label. The lower row is their standard "
        "deviation, pixel by pixel: bright is where people differ."
    )
