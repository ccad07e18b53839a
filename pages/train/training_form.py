"""The form of the training page: widgets to a config. Every choice is in the address, so that an experiment can be sent as a link."""

from typing import Any

import streamlit as st

from mnist_core.data.datasets import MNIST, OFFLINE, has_mnist
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.recipes import FASTEST, OPTIMIZERS, RECIPES, TrainingConfig, fast_precision, recipe_config

TITLES = {architecture.title: name for name, architecture in ARCHITECTURES.items()}
CUSTOM = "custom"
WIDTHS = {
    "mlp": {64: 0.125, 128: 0.25, 256: 0.5, 512: 1.0, 1024: 2.0, 2048: 4.0},
    "cnn": {8: 0.25, 16: 0.5, 32: 1.0, 48: 1.5, 64: 2.0},
}
"""What the size of the first hidden layer is as a factor on the specified sizes."""

RATES = ["0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.003", "0.005", "0.01", "0.02", "0.05"]
BATCHES = {"mlp": [16, 32, 64, 100, 128, 250, 500, 1000, 2000], "cnn": [16, 32, 64, 100, 128, 250, 500]}
SETS = {MNIST: "MNIST", OFFLINE: "small offline set"}
FRACTIONS = ["1 %", "5 %", "10 %", "25 %", "50 %", "100 %"]
SCHEDULES = {"falling (cosine)": "cosine", "constant": "constant"}


def pick_config() -> TrainingConfig:
    """The form. Raises ConfigError for settings that make no sense together."""
    # An address that says nothing of an experiment means what can be done here; one that says something without the data means MNIST everywhere.
    if (
        not has_mnist()
        and "train_data" not in st.session_state
        and not any(name.startswith("train_") and name != "train_run" for name in st.query_params)
    ):
        st.session_state.train_data, st.query_params["train_data"] = OFFLINE, SETS[OFFLINE]
    model, recipe = st.columns([2, 3])
    title = model.segmented_control(
        "Model", list(TITLES), default="MLP", key="train_model", bind="query-params", required=True, width="stretch"
    )
    recipe_name = recipe.segmented_control(
        "Recipe",
        [*RECIPES, CUSTOM],
        default="specified",
        key="train_recipe",
        bind="query-params",
        required=True,
        width="stretch",
    )
    architecture = TITLES.get(title or "", "mlp")
    changes: dict[str, Any] = _custom(architecture) if recipe_name == CUSTOM else {}
    data, seed = st.columns([3, 2])
    with data:
        changes["data"] = st.segmented_control(
            "Digits to learn from",
            [MNIST, OFFLINE],
            format_func=SETS.__getitem__,
            default=MNIST,
            key="train_data",
            bind="query-params",
            required=True,
            width="stretch",
            help="MNIST has 60,000 digits to train with. The small offline set is scikit-learn's 1,437, brought to 28 × 28: for a machine without MNIST.",
        )
    with seed:
        changes["seed"] = int(
            st.number_input(
                "Seed",
                0,
                2**32 - 1,
                1,
                key="train_seed",
                bind="query-params",
                help="The same seed gives the same run again, on the same machine.",
            )
        )
    known = recipe_name if recipe_name in RECIPES else "specified"
    return recipe_config(known, architecture, **changes)


def _custom(architecture: str) -> dict[str, Any]:
    """What may be changed of the specified recipe, two fields a row. Keys carry the model, since its defaults differ."""
    usual = RECIPES["specified"][architecture]

    def key(name: str) -> dict[str, Any]:
        return {"key": f"train_{architecture}_{name}", "bind": "query-params"}

    left, right = st.columns(2)
    units = left.select_slider(
        "Hidden units" if architecture == "mlp" else "Filters in the first block",
        list(WIDTHS[architecture]),
        512 if architecture == "mlp" else 32,
        **key("size"),
    )
    epochs = right.number_input("Epochs, at most", 1, 200, usual.epochs, **key("epochs"))
    left, right = st.columns(2)
    optimizer = left.selectbox("Optimizer", OPTIMIZERS, OPTIMIZERS.index(usual.optimizer), **key("optimizer"))
    schedule = right.selectbox(
        "Learning rate over time",
        list(SCHEDULES),
        help="Falling: from the rate below to a hundredth of it.",
        **key("schedule"),
    )
    left, right = st.columns(2)
    rate = left.select_slider("Learning rate", RATES, f"{usual.learning_rate:g}", **key("rate"))
    batch = right.select_slider("Batch size", BATCHES[architecture], usual.batch_size, **key("batch"))
    left, right = st.columns(2)
    augmentation = left.slider(
        "Augmentation",
        0.0,
        1.5,
        0.0,
        0.1,
        help="How much each digit is turned, slanted, stretched, bent and rewritten, anew each epoch.",
        **key("augment"),
    )
    fraction = right.select_slider("Share of the digits", FRACTIONS, "100 %", **key("fraction"))
    left, right = st.columns(2, vertical_alignment="center")
    patience = left.number_input(
        "Patience, in epochs",
        0,
        50,
        0,
        help="Early stopping: the training ends after so many epochs without a better one on the validation digits. 0: never.",
        **key("patience"),
    )
    changes: dict[str, Any] = {
        "width": WIDTHS[architecture][units],
        "epochs": int(epochs),
        "optimizer": optimizer,
        "schedule": SCHEDULES[schedule],
        "learning_rate": float(rate),
        "batch_size": int(batch),
        "augmentation": float(augmentation),
        "fraction": float(fraction.removesuffix(" %")) / 100,
        "early_stopping": int(patience),
    }
    if architecture == "cnn" and fast_precision() != "float32":
        quick = right.toggle(
            "bfloat16 arithmetic",
            True,
            help="This processor has it: about 1.5 times as fast in training, equally accurate.",
            **key("quick"),
        )
        changes["precision"] = FASTEST if quick else "float32"
    return changes
