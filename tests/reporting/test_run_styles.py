"""Everybody can tell runs apart in every chart, colour-blind people too."""

import itertools
import tomllib
from types import SimpleNamespace

import numpy as np
import pytest

from mnist_core.reporting import run_styles as module
from mnist_core.reporting.chart_style import NO_RUN, colour_of_run, dash_of_run, symbol_of_run, usermeta
from mnist_core.reporting.run_styles import PALETTE, colours_of, run_styles, swatch
from mnist_core.reporting.training_charts import SERIES, training_chart
from mnist_core.reporting.vega import SVG
from tests.conftest import ROOT

FAMILIES = ("mlp", "cnn", "a foreign one")
GROUNDS = ("#fbfaf7", "#12151b")
"""The app's light and dark ground, .streamlit/config.toml."""

# Machado, Oliveira, Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009,
# severity 1.0, on linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(colour: str, vision: str) -> np.ndarray:
    """CIE L*a*b* as that eye sees it."""
    seen = np.clip(VISION[vision] @ linear(colour), 0, 1)
    x = (
        np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
        @ seen
        / [0.9505, 1, 1.089]
    )
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("ground", [0, 1])
def test_every_mlp_differs_from_every_cnn_and_the_first_two_of_each_from_each_other_to_any_eye(
    vision: str, ground: int
) -> None:
    mlps, cnns = ([lab(pair[ground], vision) for pair in colours_of(family)] for family in ("mlp", "cnn"))
    pairs = [*itertools.product(mlps, cnns), mlps[:2], cnns[:2]]
    assert min(np.linalg.norm(one - other) for one, other in pairs) > 20  # a difference of 2.3 is just noticeable


def test_every_colour_stands_out_from_its_ground() -> None:
    weights = [0.2126, 0.7152, 0.0722]
    for pair in itertools.chain(*map(colours_of, FAMILIES)):
        for colour, ground in zip(pair, GROUNDS, strict=True):
            darker, lighter = sorted([linear(colour) @ weights, linear(ground) @ weights])
            assert (lighter + 0.05) / (darker + 0.05) >= 3, f"{colour} on {ground}"  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize("family", FAMILIES)
def test_twenty_runs_of_one_family_all_differ_and_not_by_colour_alone(family: str) -> None:
    found = list(run_styles({f"run-{number}": family for number in range(20)}).values())
    assert len({(run_style.light, run_style.dash) for run_style in found}) == 20
    assert len({(run_style.dash, run_style.symbol) for run_style in found}) == 20


def test_the_first_of_each_family_has_the_app_s_own_colour_and_a_full_line() -> None:
    found = run_styles({"b": "cnn", "a": "mlp", "c": "cnn"})
    assert (found["a"].light, found["a"].dark, found["a"].dash) == ("#b4510f", "#f0a35e", (1, 0))
    assert (found["b"].light, found["b"].dark, found["b"].dash) == ("#1f5fa8", "#74b2f4", (1, 0))
    assert found["c"].dash != (1, 0)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_swatch_shows_dash_and_colour_and_a_symbol_of_its_own(family: str) -> None:
    drawn = [swatch(run_style) for run_style in run_styles({f"run-{number}": family for number in range(20)}).values()]
    assert len(set(drawn)) == 20
    assert all(
        "stroke-dasharray" in svg and "light-dark(#" in svg and "<" not in svg[1:-7].split("style")[1] for svg in drawn
    )


def test_the_charts_theme_has_the_same_colours() -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert [theme["light"]["backgroundColor"], theme["dark"]["backgroundColor"]] == list(GROUNDS)
    for ground, name in enumerate(("light", "dark")):
        assert theme[name]["chartCategoricalColors"] == [pair[ground] for pair in PALETTE]


def test_each_run_stands_in_the_charts_domain_where_the_theme_has_its_colour() -> None:
    found = run_styles({f"run-{number}": ("mlp", "cnn", "foreign")[number % 3] for number in range(30)})
    domain = colour_of_run(found).to_dict()["scale"]["domain"]
    assert len(set(domain)) == len(domain)
    assert [name for name in domain if not name.startswith(NO_RUN)] == sorted(found, key=domain.index)
    for name, run_style in found.items():
        assert PALETTE[domain.index(name) % len(PALETTE)] == (run_style.light, run_style.dark)


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch) -> None:
    """An architecture of somebody else's, with one colour that the theme lacks and a symbol that nobody can draw."""
    third = SimpleNamespace(colours=(("#00aa00", "#88ff88"),), symbols=("square", "heart"))
    monkeypatch.setitem(module.ARCHITECTURES, "third", third)


@pytest.mark.usefixtures("third")
def test_an_architecture_with_colours_of_its_own_keeps_them_in_charts_beside_the_others() -> None:
    found = run_styles({"a": "mlp", "b": "third", "c": "third"})
    scale = colour_of_run(found).to_dict()["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "a": "light-dark(#b4510f, #f0a35e)",
        "b": "light-dark(#00aa00, #88ff88)",
        "c": "light-dark(#00aa00, #88ff88)",
    }
    assert usermeta(found) == SVG
    assert usermeta({"a": found["a"]}) == {}
    assert dash_of_run(found).to_dict()["scale"]["domain"] == symbol_of_run(found).to_dict()["scale"]["domain"]
    assert found["b"].dash != found["c"].dash
    assert {found["b"].symbol, found["c"].symbol} == {"square"}


@pytest.mark.usefixtures("third")
def test_a_training_of_such_an_architecture_is_drawn_in_its_colour() -> None:
    specification = training_chart(metric="accuracy", epochs=3, run_style=run_styles({"a": "third"})["a"])
    scale = specification["layer"][0]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True))[SERIES[2]] == "light-dark(#00aa00, #88ff88)"


def test_an_architecture_without_colours_has_the_neutral_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.ARCHITECTURES, "third", SimpleNamespace(colours=(), symbols=()))
    found = run_styles({"a": "third", "b": "nobody knows"})
    assert found["a"] == run_styles({"x": "a foreign one"})["x"]
    assert found["a"] != found["b"]  # they share the neutral colours, and take them in turn


def test_the_theme_has_the_colours_of_the_built_in_architectures() -> None:
    for name in ("mlp", "cnn"):
        assert set(colours_of(name)) <= set(PALETTE), f"Add the colours of {name} to PALETTE and .streamlit/config.toml"
