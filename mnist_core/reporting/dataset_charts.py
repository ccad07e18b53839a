"""Charts of MNIST as a whole, from its statistics: plain Altair objects with a `description` for those who do not see them."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from mnist_core.dataset_statistics.features import FEATURES
from mnist_core.dataset_statistics.statistics import BINS, Statistics
from mnist_core.reporting.charts import SVG, Chart

INK = "#707988"
YOURS = "#d73883"
"""What stands for the visitor's own drawing."""

RIDGE = 1.7
"""Height of the highest ridge, in rows."""

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
"""Of each digit. They stand out alike from a light and from a dark ground, for a chart that is downloaded as a picture knows only one of each
colour. Ten colours cannot all be told apart, so that each point is the digit itself as well."""


def ridges(statistics: Statistics, feature: int, *, yours: float | None = None) -> Chart:
    """How a trait is distributed in each of the ten digits: ten rows on one axis. yours: the value of a drawing, shown as a line through all."""
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
    ticks = alt.Axis(
        values=list(range(10)),
        labelExpr="9 - datum.value",
        title="Digit",
        grid=False,
        domain=False,
        ticks=False,
        tickCount=10,
    )
    up = alt.Y("base:Q", axis=ticks, scale=alt.Scale(domain=[-0.25, 9 + RIDGE], nice=False))
    hills = alt.Chart(rows).mark_area(
        color=INK, fillOpacity=0.3, line={"color": INK, "strokeWidth": 1.2}, interpolate="monotone"
    )
    layers: list[Any] = [
        hills.encode(x=across, y=up, y2="top:Q", detail="digit:N", order="digit:O"),
        alt.Chart(rows).mark_rect(opacity=0).encode(
            x="from:Q", x2="to:Q", y="base:Q", y2="top:Q", tooltip=[alt.Tooltip("digit:N", title="Digit"), alt.Tooltip("from:Q", title="From", format=".2~f"),
            alt.Tooltip("to:Q", title="To", format=".2~f"), alt.Tooltip("share:Q", title="Share of this digit", format=".1%")],
        ),
        alt.Chart(middles).mark_rule(color=INK, strokeWidth=3).encode(x="low:Q", x2="high:Q", y="base:Q"),
        alt.Chart(middles).mark_point(color=INK, filled=True, size=70, opacity=1).encode(
            x="mean:Q", y="base:Q", tooltip=[alt.Tooltip("digit:N", title="Digit"), alt.Tooltip("mean:Q", title="Mean", format=".2f"),
            alt.Tooltip("spread:Q", title="Standard deviation", format=".2f")],
        ),
    ]  # fmt: skip
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
    return f"{kind.name} of MNIST's training digits, the mean of each digit. {means}." + (
        f" Your drawing: {kind.shown(yours)}." if yours is not None else ""
    )


def digit_map(
    statistics: Statistics,
    method: str,
    *,
    digit: int | None = None,
    pictures: Mapping[int, str] | None = None,
    yours: tuple[float, float] | None = None,
) -> Chart:
    """The map; each point is written as its digit. A click selects, as `picked`, with the training index in its field `index`.

    method: 'PCA' or 't-SNE'. digit: the one that stands out. pictures: by training index, an address each, shown on hover. yours: where a drawing lies.
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
    titles = [
        f"{name} {fraction:.0%}"
        for name, fraction in zip(("First component,", "Second component,"), statistics.pca_fractions, strict=True)
    ]
    hidden: dict[str, Any] = {"title": None, "labels": False, "ticks": False, "grid": False, "domain": False}
    axes = [
        alt.Axis(title=f"{title} of the variance", labels=False, ticks=False, grid=False)
        if method == "PCA"
        else alt.Axis(**hidden)
        for title in titles
    ]
    colours = alt.Scale(domain=[str(number) for number in range(10)], range=list(DIGIT_COLOURS))
    tooltip = [alt.Tooltip("digit:N", title="Digit"), alt.Tooltip("index:Q", title="Training digit number", format="d")]
    picked = alt.selection_point(name="picked", fields=["index"], on="click", empty=True)
    marks = alt.Chart(points).mark_text(fontSize=12, fontWeight="bold", cursor="pointer").encode(
        x=alt.X("x:Q", axis=axes[0], scale=alt.Scale(zero=False, nice=False, padding=8)),
        y=alt.Y("y:Q", axis=axes[1], scale=alt.Scale(zero=False, nice=False, padding=8)),
        text="digit:N",
        color=alt.Color("digit:N", scale=colours, legend=None),
        opacity=alt.value(0.85) if digit is None else alt.condition(f"datum.digit == '{digit}'", alt.value(1.0), alt.value(0.15)),
        tooltip=[*tooltip, alt.Tooltip("image:N")] if pictures else tooltip,
    ).add_params(picked)  # fmt: skip
    layers: list[Any] = [marks]
    if yours is not None:
        place = alt.Chart(pd.DataFrame({"x": [yours[0]], "y": [yours[1]]}))
        layers.append(
            place.mark_point(shape="cross", size=260, filled=True, color=YOURS, opacity=1).encode(
                x="x:Q", y="y:Q", tooltip=alt.value("Your drawing")
            )
        )
    words = f"{len(points):,} training digits of MNIST on a map by {method}; digits that look alike lie together." + (
        " Your drawing is marked." if yours else ""
    )
    return alt.layer(*layers).properties(height=560, usermeta=SVG, description=words)
