"""A training in words and pieces of HTML: what differs from the specified recipe, how it stands, what it still reads wrongly.

>>> time_in_words(45), time_in_words(132), time_in_words(5400)
('45 s', '2 min 10 s', '1 h 30 min')
"""

import base64
from collections.abc import Sequence
from html import escape

import numpy as np

from mnist_core.data.datasets import DIGIT_SETS, MNIST, digit_set_title
from mnist_core.jobs.estimates import Estimate
from mnist_core.jobs.launcher import Event
from mnist_core.jobs.queue import FAILED, FINISHED, RUNNING, STOPPED, WAITING, Job
from mnist_core.models.architectures import ARCHITECTURES
from mnist_core.models.layout import layout
from mnist_core.reporting.charts import LEARNING
from mnist_core.reporting.markup import data_url, setting
from mnist_core.runs.recipes import RECIPES, TrainingConfig, differences

STATES = {WAITING: "waiting", RUNNING: "running", FINISHED: "finished", STOPPED: "stopped", FAILED: "failed"}


def time_in_words(seconds: float) -> str:
    """Seconds as people say them: to the second below a minute, to ten seconds below ten minutes, to the minute below an hour."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 600:
        minutes, rest = divmod(round(seconds / 10) * 10, 60)
        return f"{minutes} min" + (f" {rest} s" if rest else "")
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h" + (f" {minutes} min" if minutes else "")


def parameters(config: TrainingConfig) -> int:
    """Weights and biases of the network that the config describes."""
    return sum(layer.parameters for layer in layout(config.architecture, width=config.width))


def outlook(config: TrainingConfig, estimate: Estimate) -> str:
    """What a training would be, before it starts: parameters, time, digits, and what differs from the specified recipe."""
    if estimate.seconds is not None:
        time, gloss = f"about {time_in_words(estimate.seconds)}", "from batches timed on this machine"
    elif estimate.measuring:
        time, gloss = "<span class='pending'>timing a few batches …</span>", "on this machine"
    else:
        time, gloss = "not known", escape(estimate.message or "batches are timed when no training runs")
    rows = "".join(
        f"<li><b>{escape(name.replace('_', ' '))}</b> {escape(setting(usual))} <span aria-hidden='true'>→</span><span class='hear'> becomes </span> "
        f"{escape(setting(value))}</li>"
        for name, (usual, value) in differences(config, RECIPES["specified"][config.architecture]).items()
    )
    used = f". Of those to train with, {config.fraction * 100:g}\u00a0% are used" if config.fraction < 1 else ""
    differs = f"<ul>{rows}</ul>" if rows else "<p>Nothing: this is the specified recipe.</p>"
    return (
        f"<div class='outlook'><dl><div><dt>Parameters</dt><dd>{parameters(config):,}</dd></div>"
        f"<div><dt>Time for {config.epochs:,} {'epoch' if config.epochs == 1 else 'epochs'}</dt><dd>{time}</dd><dd class='gloss'>{gloss}</dd></div></dl>"
        f"<p class='gloss'>{escape(DIGIT_SETS.get(config.data, digit_set_title(config.data)))}{used}</p>"
        f"<details><summary>What differs from the specified recipe</summary>{differs}</details></div>"
    )


def headline(job: Job) -> str:
    """What is trained, and where it stands."""
    title = ARCHITECTURES[job.config.architecture].title
    return (
        f"<div class='job {job.config.architecture}'><p class='what'><span class='state {job.state}'>{STATES[job.state]}</span> "
        f"<b>{escape(job.name)}</b> <span class='gloss'>{title}, {escape(job.config.recipe)}, seed {job.config.seed}"
        f"{f', {escape(digit_set_title(job.config.data))}' if job.config.data != MNIST else ''}</span></p></div>"
    )


def summary(job: Job) -> str:
    """Epoch, batch, time left and speed of a running job, as one row of figures."""
    progress = job.progress
    best = max(job.epochs, key=lambda epoch: (epoch["val_accuracy"], -epoch["val_loss"]), default=None)
    figures = [
        ("Epoch", f"{progress['epoch']} of {progress['epochs']}" if progress else "–"),
        ("Batch", f"{progress['batch']:,} of {progress['batches']:,}" if progress else "–"),
        ("Time left", time_in_words(progress["seconds_left"]) if progress and not job.doing else "–"),
        ("Images a second", f"{progress['digits_per_second']:,}" if progress else "–"),
        ("Best epoch", f"{best['epoch']}: {best['val_accuracy']:.2%}" if best else "–"),
    ]
    return (
        "<dl class='figures-row'>"
        + "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in figures)
        + "</dl>"
    )


def mistakes_strip(epoch: Event) -> str:
    """The validation digits that were still read wrongly after that epoch, each with its label and what was read."""
    found = epoch["mistakes"]
    if not found:
        return "<p class='gloss'>Of the validation digits looked at, none is read wrongly.</p>"
    pictures = [np.frombuffer(base64.b64decode(mistake["pixels"]), np.uint8).reshape(28, 28) for mistake in found]
    captions = [f"{mistake['label']} read as {mistake['predicted']}" for mistake in found]
    return (
        f"<p class='gloss'>Still read wrongly after epoch {epoch['epoch']}, among the validation digits:</p>"
        + digit_strip(pictures, captions)
    )


def digit_strip(pictures: Sequence[np.ndarray], captions: Sequence[str]) -> str:
    """Small pictures in rows, each with its caption. pictures: (28, 28) uint8 each."""
    figures = "".join(
        f"<figure><img src='{data_url(picture)}' alt='{escape(caption, quote=True)}'><figcaption>{escape(caption)}</figcaption></figure>"
        for picture, caption in zip(pictures, captions, strict=True)
    )
    return f"<div class='digit-strip'>{figures}</div>"


def curve_rows(job: Job, metric: str) -> list[dict[str, float | str]]:
    """What `charts.learning_curve` draws: `metric` is 'loss' or 'accuracy'."""
    batches, training, validation = LEARNING
    rows: list[dict[str, float | str]] = [
        {"epoch": round(point["fraction"] * point["epochs"], 4), "value": point[metric], "series": batches}
        for point in job.points
        if "fraction" in point
    ]
    for epoch in job.epochs:
        rows.append({"epoch": epoch["epoch"], "value": epoch[metric], "series": training})
        rows.append({"epoch": epoch["epoch"], "value": epoch["val_" + metric], "series": validation})
    return rows
