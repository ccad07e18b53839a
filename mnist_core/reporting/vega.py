"""What all charts need to become Vega-Lite: their type, their specification as plain JSON values, and axes in percent.

Charts are Altair objects. Each one carries a `description`: a sentence that says what it shows, for people who cannot
see it.
"""

from typing import Any

import altair as alt

Chart = alt.LayerChart | alt.FacetChart
"""Several marks on the same axes."""

SVG = {"embedOptions": {"renderer": "svg"}}
"""The `usermeta` of a chart that the browser draws as SVG. In an SVG, colours like `light-dark(#000, #fff)` follow the
page's light or dark theme."""

PERCENT_LABELS = "replace(datum.label, '%', ' %')"
"""The `labelExpr` of an axis in percent: '98 %', as everywhere, instead of Vega's '98%'."""


def specification(chart: Chart) -> dict[str, Any]:
    """The chart as Vega-Lite with its data, ready to be sent. Callers keep it, because Altair takes long to make it.

    Each layer holds its data as plain values. Browsers read these faster than Streamlit's tables.
    """
    found: dict[str, Any] = chart.to_dict()
    found.pop("config", None)  # Altair's default sizes; the page sets the width
    datasets, common = found.pop("datasets", {}), found.pop("data", None)
    for layer in found["layer"]:
        data = layer.get("data") or common
        layer["data"] = {"values": datasets[data["name"]]}
    return found


def percent_axis(*, format: str = "%", **options: Any) -> alt.Axis:
    """An axis of fractions, 0..1, whose labels are in percent. format: a d3 number format that ends with '%'."""
    return alt.Axis(format=format, labelExpr=PERCENT_LABELS, **options)
