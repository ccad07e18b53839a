"""The form of the training page, which turns widgets into a TrainingConfig.

Every choice is in the address, so that a link can share it.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mnist_core.data.datasets import MNIST, OFFLINE, has_mnist
from mnist_core.formatting import percent
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.setting_expectations import EXPECTATIONS
from mnist_core.runs.recipes import FASTEST, OPTIMIZERS, RECIPES, TrainingConfig, fast_precision, recipe_config
from pages.parts.glossary import NETWORKS, as_help

CUSTOM = "custom"
RATES = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05]
DIGIT_SETS = {MNIST: "MNIST", OFFLINE: "small offline set"}
FRACTIONS = {percent(fraction, digits=0): fraction for fraction in (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)}
SCHEDULES = {"falling (cosine)": "cosine", "constant": "constant"}


def pick_config() -> TrainingConfig:
    """Show the form and return its settings. Raises ConfigError for settings that make no sense together."""
    choose_digits_that_are_here()
    titles = {architecture.title: name for name, architecture in ARCHITECTURES.items()}
    model, recipe = st.columns([2, 3])
    title = model.segmented_control(
        "Model", list(titles), default=next(iter(titles)), help=as_help(*NETWORKS), **_keyed("model")
    )
    architecture = titles.get(title or "", next(iter(ARCHITECTURES)))
    recipes = [name for name, by_architecture in RECIPES.items() if architecture in by_architecture]
    recipe_name = recipe.segmented_control(
        "Recipe", [*recipes, CUSTOM], default="specified", help=as_help("specified", "robust"), **_keyed("recipe")
    )
    changes = _custom_settings(architecture) if recipe_name == CUSTOM else {}
    digits, seed = st.columns([3, 2])
    changes["data"] = digits.segmented_control(
        "Digits to learn from",
        list(DIGIT_SETS),
        format_func=DIGIT_SETS.__getitem__,
        default=MNIST,
        help="MNIST has 60,000 digits to train with. The small offline set has scikit-learn's 1,437, brought to "
        "28 × 28, for a machine without MNIST.",
        **_keyed("data"),
    )
    changes["seed"] = int(
        seed.number_input(
            "Seed",
            0,
            2**32 - 1,
            1,
            key="train_seed",
            bind="query-params",
            help="The same seed gives the same run again, on the same machine.",
        )
    )
    return recipe_config(recipe_name if recipe_name in recipes else "specified", architecture, **changes)


def choose_digits_that_are_here() -> None:
    """Choose the offline set where MNIST is missing.

    An address that describes an experiment without naming its digits means MNIST, everywhere.
    """
    no_experiment = ("train_run", "train_mode", "train_sweep")
    describes_experiment = any(name.startswith("train_") and name not in no_experiment for name in st.query_params)
    if not has_mnist() and "train_data" not in st.session_state and not describes_experiment:
        st.session_state.train_data, st.query_params["train_data"] = OFFLINE, DIGIT_SETS[OFFLINE]


def _keyed(name: str) -> dict[str, Any]:
    """The options that all segmented controls of the form share."""
    return {"key": f"train_{name}", "bind": "query-params", "required": True, "width": "stretch"}


def _custom_settings(architecture: str) -> dict[str, Any]:
    """Show the settings that may differ from the specified recipe, two fields a row.

    Keys carry the model, because its defaults differ.
    """
    usual = RECIPES["specified"][architecture]
    sizes = ARCHITECTURES[architecture].first_sizes()

    def key(name: str, setting: str, meaning: str = "") -> dict[str, Any]:
        help_ = f"{meaning} {EXPECTATIONS[setting]}".strip()
        return {"key": f"train_{architecture}_{name}", "bind": "query-params", "help": help_}

    left, right = st.columns(2)
    usual_size = next(size for size, width in sizes.items() if width == usual.width)
    size = left.select_slider(ARCHITECTURES[architecture].size_title, list(sizes), usual_size, **key("size", "width"))
    epochs = right.number_input("Epochs, at most", 1, 200, usual.epochs, **key("epochs", "epochs"))
    left, right = st.columns(2)
    optimizer = left.selectbox(
        "Optimizer", OPTIMIZERS, OPTIMIZERS.index(usual.optimizer), **key("optimizer", "optimizer")
    )
    schedule = right.selectbox(
        "Learning rate over time",
        list(SCHEDULES),
        **key("schedule", "schedule", "Falling means from the rate below to a hundredth of it."),
    )
    left, right = st.columns(2)
    rates = [f"{rate:g}" for rate in _including(usual.learning_rate, RATES)]
    rate = left.select_slider("Learning rate", rates, f"{usual.learning_rate:g}", **key("rate", "learning_rate"))
    batches = _including(usual.batch_size, list(ARCHITECTURES[architecture].batch_sizes))
    batch = right.select_slider("Batch size", batches, usual.batch_size, **key("batch", "batch_size"))
    left, right = st.columns(2)
    augmentation = left.slider(
        "Augmentation",
        0.0,
        1.5,
        0.0,
        0.1,
        **key(
            "augment",
            "augmentation",
            "How much each digit is turned, slanted, stretched, bent and rewritten, anew each epoch.",
        ),
    )
    fraction = right.select_slider(
        "Fraction of the digits", list(FRACTIONS), percent(1.0, digits=0), **key("fraction", "fraction")
    )
    left, right = st.columns(2, vertical_alignment="center")
    patience = left.number_input(
        "Patience, in epochs",
        0,
        50,
        0,
        **key(
            "patience",
            "early_stopping",
            "Early stopping: the training ends after so many epochs without a better one on the validation digits. "
            "0 means never.",
        ),
    )
    changes: dict[str, Any] = {
        "width": sizes[size],
        "epochs": int(epochs),
        "optimizer": optimizer,
        "schedule": SCHEDULES[schedule],
        "learning_rate": float(rate),
        "batch_size": int(batch),
        "augmentation": float(augmentation),
        "fraction": FRACTIONS[fraction],
        "early_stopping": int(patience),
    }
    if ARCHITECTURES[architecture].gains_from_bfloat16 and fast_precision() != "float32":
        is_fast = right.toggle(
            "bfloat16 arithmetic",
            True,
            **key("bfloat16", "precision", "This processor has it. Training is then about 1.5 times as fast."),
        )
        changes["precision"] = FASTEST if is_fast else "float32"
    return changes


def _including(usual: Any, offered: Sequence[Any]) -> list[Any]:
    """The offered values, with the usual one among them."""
    return sorted({*offered, usual})
