"""How many of each digit MNIST holds, and the average of each: as tables and pictures, from the stored statistics."""

import streamlit as st

from mnist_core.dataset_statistics.statistics import Statistics
from mnist_core.reporting.digit_pictures import data_url


def show_counts(statistics: Statistics) -> None:
    """A table: each digit, how many to train and to test with, each beside a bar on the scale of its column."""
    splits = (statistics.train_counts, statistics.test_counts)
    rows = []
    for digit in range(10):
        cells = "".join(
            f"<td>{counts[digit]:,}</td><td aria-hidden='true'><i style='width:{counts[digit] / counts.max():.1%}'></i></td>"
            for counts in splits
        )
        rows.append(f"<tr><th scope='row'>{digit}</th>{cells}</tr>")
    totals = "".join(f"<td>{counts.sum():,}</td><td></td>" for counts in splits)
    st.subheader("How many", anchor=False)
    st.html(
        "<table class='counts'><thead><tr><th scope='col'>Digit</th>"
        "<th scope='col' colspan='2'>To train with</th><th scope='col' colspan='2'>To test with</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody><tfoot><tr><th scope='row'>All</th>{totals}</tr></tfoot></table>"
    )


def show_averages(statistics: Statistics) -> None:
    """Ten average digits, and below each where its examples differ."""
    st.subheader("The average digit, and where its examples differ", anchor=False)
    figures = "".join(
        f"<figure><img src='{data_url(statistics.mean[digit])}' alt='Average of the {count:,} training digits labelled {digit}'>"
        f"<img src='{data_url(statistics.spread[digit])}' alt='Where the training digits labelled {digit} differ: standard deviation of each pixel'>"
        f"<figcaption>{digit}</figcaption></figure>"
        for digit, count in enumerate(statistics.train_counts)
    )
    st.html(f"<div class='averages'>{figures}</div>")
    st.caption(
        "Above the mean of all training digits with that label, below their standard deviation, pixel by pixel: bright is where people differ."
    )
