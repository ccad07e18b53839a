"""The texts of the page Train: what a training would take, how it goes, and which digits it still misclassifies."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from mnist_core.data.datasets import DIGIT_SETS, MNIST, digit_set_title
from mnist_core.formatting import duration, number, percent
from mnist_core.jobs.estimates import Estimate
from mnist_core.jobs.job import FAILED, FINISHED, RUNNING, STOPPED, WAITING, Job
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.digit_pictures import digit_strip
from mnist_core.reporting.html_templates import render
from mnist_core.runs.recipes import RECIPES, TrainingConfig, differences

STATES = {WAITING: "waiting", RUNNING: "running", FINISHED: "finished", STOPPED: "stopped", FAILED: "failed"}
"""What the page calls the states of a job."""

NOT_KNOWN = "–"


def parameters(config: TrainingConfig) -> int:
    """The number of weights and biases of the network that the config describes."""
    return ARCHITECTURES[config.architecture].parameters(config.width)


def outlook(config: TrainingConfig, estimate: Estimate) -> Markup:
    """What a training would be, before it starts: its parameters, time and digits, and how it differs from the
    specified recipe.
    """
    return render(
        "outlook.html.j2",
        config=config,
        estimate=estimate,
        parameters=parameters(config),
        seconds=None if estimate.seconds is None else duration(estimate.seconds, whole_seconds=True),
        digits=DIGIT_SETS.get(config.data, digit_set_title(config.data)),
        differences=differences(config, RECIPES["specified"][config.architecture]),
    )


def headline(job: Job) -> Markup:
    """What is trained, and the state of the training."""
    return render(
        "headline.html.j2",
        job=job,
        state=STATES[job.state],
        title=ARCHITECTURES[job.config.architecture].title,
        data_title="" if job.config.data == MNIST else digit_set_title(job.config.data),
    )


def summary(job: Job) -> Markup:
    """Epoch, batch, time left and speed of a running job, and its best epoch so far, in one row."""
    progress: Mapping[str, Any] | None = job.progress
    best: Mapping[str, Any] | None = max(
        job.epochs, key=lambda epoch: (epoch["val_accuracy"], -epoch["val_loss"]), default=None
    )
    figures = dict.fromkeys(("Epoch", "Batch", "Time left", "Images a second", "Best epoch"), NOT_KNOWN)
    if progress:
        figures["Epoch"] = f"{progress['epoch']} of {progress['epochs']}"
        figures["Batch"] = f"{number(progress['batch'])} of {number(progress['batches'])}"
        figures["Images a second"] = number(progress["digits_per_second"])
        if not job.doing:
            figures["Time left"] = duration(progress["seconds_left"], whole_seconds=True)
    if best:
        figures["Best epoch"] = f"{best['epoch']}: {percent(best['val_accuracy'])}"
    return render("training_summary.html.j2", figures=figures)


def mistakes_strip(epoch: Mapping[str, Any]) -> Markup:
    """The validation digits that were still misclassified after an epoch, each with its label and the predicted digit.

    epoch: an event of the kind `events.EpochEnd`.
    """
    found = epoch["mistakes"]
    pictures = [np.frombuffer(base64.b64decode(mistake["pixels"]), np.uint8).reshape(28, 28) for mistake in found]
    captions = [f"{mistake['label']} predicted as {mistake['predicted']}" for mistake in found]
    return render(
        "mistakes_strip.html.j2", epoch=epoch["epoch"], strip=digit_strip(pictures, captions), any=bool(found)
    )
