"""The charts of the page Dataset: the features of MNIST's digits, and a map of the digits."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from mnist_core.dataset_statistics.features import FEATURES
from mnist_core.dataset_statistics.statistics import BINS, Statistics
from mnist_core.formatting import number, percent
from mnist_core.reporting.vega import SVG, Chart

INK = "#707988"
"""The colour of the ridges."""

YOURS = "#d73883"
"""The colour of the visitor's own drawing."""

RIDGE = 1.7
"""The height of the highest ridge, in rows."""

DIGIT_COLOURS = (
    "#927600",
    "#297ad2",
    "#d73883",
    "#2c894c",
    "#bf5d1c",
    "#8565d6",
    "#15858f",
    "#707988",
    "#af47e0",
    "#c75641",
)
"""The colour of each digit on the map.

Each is easy to see on a light and on a dark background, because a picture downloaded from the chart knows only one of
each colour. Nobody can tell ten colours apart for certain, so each point is also written as its digit.
"""


def ridges(statistics: Statistics, feature: int, *, yours: float | None = None) -> Chart:
    """How the values of a feature are distributed in each of the ten digits: ten rows above one axis.

    feature: an index of FEATURES. yours: the value of the visitor's drawing, drawn as a line through all rows.
    """
    kind = FEATURES[feature]
    edges = np.linspace(kind.low, kind.high, BINS + 1) * kind.factor
    fractions = statistics.histograms[feature] / statistics.histograms[feature].sum(axis=1, keepdims=True)
    rows = pd.DataFrame(
        {
            "digit": np.repeat(np.arange(10), BINS),
            "from": np.tile(edges[:-1], 10),
            "to": np.tile(edges[1:], 10),
            "middle": np.tile((edges[:-1] + edges[1:]) / 2, 10),
            "fraction": fractions.reshape(-1),
            "text": [percent(fraction, digits=1) for fraction in fractions.reshape(-1).tolist()],
            "base": np.repeat(9.0 - np.arange(10), BINS),
            "top": (np.arange(9, -1, -1)[:, None] + RIDGE * fractions / fractions.max()).reshape(-1),
        }
    )
    means, spreads = statistics.feature_means[feature] * kind.factor, statistics.feature_spreads[feature] * kind.factor
    middles = pd.DataFrame(
        {
            "digit": range(10),
            "mean": means,
            "spread": spreads,
            "low": means - spreads,
            "high": means + spreads,
            "base": range(9, -1, -1),
        }
    )
    across = alt.X(
        "middle:Q",
        title=f"{kind.name}{',' if kind.unit else ''} {kind.unit.strip()}",
        scale=alt.Scale(domain=[edges[0], edges[-1]], nice=False),
        axis=alt.Axis(tickCount=8),
    )
    digits = alt.Axis(
        values=list(range(10)),
        labelExpr="9 - datum.value",
        title="Digit",
        grid=False,
        domain=False,
        ticks=False,
        tickCount=10,
    )
    up = alt.Y("base:Q", axis=digits, scale=alt.Scale(domain=[-0.25, 9 + RIDGE], nice=False))
    hills = (
        alt.Chart(rows)
        .mark_area(color=INK, fillOpacity=0.3, line={"color": INK, "strokeWidth": 1.2}, interpolate="monotone")
        .encode(x=across, y=up, y2="top:Q", detail="digit:N", order="digit:O")
    )
    bins = (
        alt.Chart(rows)
        .mark_rect(opacity=0)
        .encode(
            x="from:Q",
            x2="to:Q",
            y="base:Q",
            y2="top:Q",
            tooltip=[
                alt.Tooltip("digit:N", title="Digit"),
                alt.Tooltip("from:Q", title="From", format=".2~f"),
                alt.Tooltip("to:Q", title="To", format=".2~f"),
                alt.Tooltip("text:N", title="Fraction of this digit"),
            ],
        )
    )
    ranges = alt.Chart(middles).mark_rule(color=INK, strokeWidth=3).encode(x="low:Q", x2="high:Q", y="base:Q")
    points = (
        alt.Chart(middles)
        .mark_point(color=INK, filled=True, size=70, opacity=1)
        .encode(
            x="mean:Q",
            y="base:Q",
            tooltip=[
                alt.Tooltip("digit:N", title="Digit"),
                alt.Tooltip("mean:Q", title="Mean", format=".2f"),
                alt.Tooltip("spread:Q", title="Standard deviation", format=".2f"),
            ],
        )
    )
    layers: list[Any] = [hills, bins, ranges, points]
    if yours is not None:
        layers.append(
            alt.Chart(pd.DataFrame({"yours": [yours * kind.factor]}))
            .mark_rule(color=YOURS, strokeWidth=2, strokeDash=[5, 3])
            .encode(x="yours:Q")
        )
    return alt.layer(*layers).properties(
        height=460, usermeta=SVG, description=_ridges_in_words(statistics, feature, yours)
    )


def _ridges_in_words(statistics: Statistics, feature: int, yours: float | None) -> str:
    kind = FEATURES[feature]
    means = ", ".join(f"{digit}: {kind.shown(mean)}" for digit, mean in enumerate(statistics.feature_means[feature]))
    drawing = f" Your drawing: {kind.shown(yours)}." if yours is not None else ""
    return f"{kind.name} of MNIST's training digits, the mean of each digit. {means}.{drawing}"


def digit_map(
    statistics: Statistics,
    method: str,
    *,
    digit: int | None = None,
    pictures: Mapping[int, str] | None = None,
    yours: tuple[float, float] | None = None,
) -> Chart:
    """The map of some training digits. Each point is written as its digit.

    A click selects a point. The selection is called `picked`, and its field `index` holds the number of the training
    digit. method: 'PCA' or 't-SNE'. digit: the one that is emphasised. pictures: an address for each training digit,
    shown when somebody points at it. yours: the place of the visitor's drawing.
    """
    places = statistics.map_pca if method == "PCA" else statistics.map_tsne
    points = pd.DataFrame(
        {
            "x": places[:, 0],
            "y": places[:, 1],
            "digit": statistics.map_labels.astype(str),
            "index": statistics.map_indices,
        }
    )
    if pictures:
        points["image"] = [pictures.get(int(index), "") for index in statistics.map_indices]
    across, up = _map_axes(statistics, method)
    digits = alt.Scale(domain=[str(each) for each in range(10)], range=list(DIGIT_COLOURS))
    emphasis = alt.condition(f"datum.digit == '{digit}'", alt.value(1.0), alt.value(0.15))
    tooltip = [alt.Tooltip("digit:N", title="Digit"), alt.Tooltip("index:Q", title="Training digit number", format="d")]
    picked = alt.selection_point(name="picked", fields=["index"], on="click", empty=True)
    marks = (
        alt.Chart(points)
        .mark_text(fontSize=12, fontWeight="bold", cursor="pointer")
        .encode(
            x=alt.X("x:Q", axis=across, scale=alt.Scale(zero=False, nice=False, padding=8)),
            y=alt.Y("y:Q", axis=up, scale=alt.Scale(zero=False, nice=False, padding=8)),
            text="digit:N",
            color=alt.Color("digit:N", scale=digits, legend=None),
            opacity=alt.value(0.85) if digit is None else emphasis,
            tooltip=[*tooltip, alt.Tooltip("image:N")] if pictures else tooltip,
        )
        .add_params(picked)
    )
    layers: list[Any] = [marks]
    if yours is not None:
        layers.append(
            alt.Chart(pd.DataFrame({"x": [yours[0]], "y": [yours[1]]}))
            .mark_point(shape="cross", size=260, filled=True, color=YOURS, opacity=1)
            .encode(x="x:Q", y="y:Q", tooltip=alt.value("Your drawing"))
        )
    words = f"{number(len(points))} training digits of MNIST on a map by {method}. Similar digits are close together."
    return alt.layer(*layers).properties(
        height=560, usermeta=SVG, description=words + (" Your drawing is marked." if yours else "")
    )


def _map_axes(statistics: Statistics, method: str) -> list[alt.Axis]:
    """The two axes. Those of PCA tell how much of the variance each component explains; those of t-SNE mean nothing."""
    hidden: dict[str, Any] = {"labels": False, "ticks": False, "grid": False}
    if method != "PCA":
        return [alt.Axis(title=None, domain=False, **hidden) for _ in range(2)]
    return [
        alt.Axis(title=f"{name} component, {percent(fraction, digits=0)} of the variance", **hidden)
        for name, fraction in zip(("First", "Second"), statistics.pca_fractions, strict=True)
    ]
