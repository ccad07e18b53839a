"""Compare training through the product with a bare model.fit and with PyTorch, and measure drawing during a training.

Each part runs in a process of its own, which prints seconds. All parts need MNIST. One of them alone:

    python -m tests.benchmarks.training bare mlp 12
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser
from rich.table import Table

from mnist_core.data.datasets import load_mnist
from mnist_core.jobs.job import FINISHED
from mnist_core.jobs.launcher import LocalTraining
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.recipes import TrainingConfig, fast_precision, on_this_machine, recipe_config
from tests.benchmarks.rows import REPAINT_TIMER, add, line
from tests.browser import harness

ROUNDS = 3
EPOCHS = {"mlp": 12, "cnn": 2}
TORCH_BATCHES = 150
DRAWINGS = 30
STOPS = 6
STARTS = 3
PREPARING = 15
"""Seconds that the training page is open before Start is pressed."""

FIRST_POINTS_TIMER = """() => {
  const isDrawn = selector => [...document.querySelectorAll(`.st-key-train_running svg.marks ${selector} path`)]
    .some(path => /[AL]/.test(path.getAttribute('d') ?? ''));
  window.firstPoints = new Promise(done => document.addEventListener('click', () => {
    const start = performance.now(), times = {};
    const check = () => {
      for (const selector of ['.mark-symbol', '.mark-line'])
        if (!(selector in times) && isDrawn(selector)) times[selector] = performance.now() - start;
      if ('.mark-line' in times) done([times['.mark-symbol'], times['.mark-line']]);
      else requestAnimationFrame(check);
    };
    check();
  }, {once: true, capture: true}));
}"""


def against_bare_fit(table: Table) -> None:
    """Train with the same settings through the product and with Keras alone, in turn. The fastest of each counts."""
    for architecture, epochs in EPOCHS.items():
        ours, bare = [], []
        for _ in range(ROUNDS if architecture == "mlp" else 2):
            bare.append(_measure("bare", architecture, str(epochs))[0])
            ours.append(_through_the_product(recipe_config("specified", architecture, epochs=epochs)))
        add(
            table,
            f"{architecture.upper()}, {epochs} epochs through the product, s",
            min(ours),
            "bare model.fit",
            min(bare),
            "at most 1.05",
        )


def against_torch(table: Table) -> None:
    """Measure the digits per second of the specified CNN: the product as a visitor gets it, PyTorch in float32."""
    torch = _measure("torch")
    if not torch:
        print("PyTorch is not installed: the CNN is not compared with it (pip install torch).")
        return
    for precision in dict.fromkeys(("float32", fast_precision())):
        keras = _measure("rate", precision)[0]
        add(
            table,
            f"CNN, digits trained with a second, {precision}",
            keras,
            "PyTorch, float32",
            torch[0],
            "at least 1.8",
        )


def drawing_while_training(table: Table) -> None:
    """Measure pen-up to repaint while idle and while a CNN trains, with the same server and page."""
    spans: dict[str, list[float]] = {"idle": [], "training": []}
    with tempfile.TemporaryDirectory() as folder, harness.browser() as chromium:
        for name in ("mlp-robust", "cnn-robust"):
            (Path(folder) / name).symlink_to(harness.ROOT / "trained_models" / name)
        with harness.served(TRAINED_MODELS=folder) as (address, _):
            trainer = chromium.new_page()
            trainer.goto(address + "/train?train_model=CNN")
            trainer.get_by_role("button", name="Start training").wait_for()
            trainer.locator(".outlook .pending").wait_for(state="detached", timeout=120_000)
            for state in spans:
                if state == "training":
                    trainer.bring_to_front()
                    trainer.get_by_role("button", name="Start training").click()
                    trainer.locator(".st-key-train_running svg.marks").first.wait_for(timeout=120_000)
                page = harness.open_page(chromium, address)
                for stroke in range(DRAWINGS):
                    page.evaluate(REPAINT_TIMER)
                    harness.draw(page, [line(stroke)], side=280)
                    spans[state].append(page.evaluate("window.repaint"))
                page.context.close()
    idle, training = (statistics.median(spans[state]) for state in ("idle", "training"))
    add(
        table, f"pen-up to repaint while a CNN trains, ms (median of {DRAWINGS})", training, "idle", idle, "at most 1.5"
    )


def starting(table: Table) -> None:
    """Measure the time from Start to the first point of the live chart, with the page open for 15 seconds before."""
    with harness.browser() as chromium:
        for architecture in EPOCHS:
            starts = [_start(chromium, architecture) for _ in range(STARTS)]
            for what, seconds, goal in zip(
                ("first live point", "first line"),
                map(sorted, zip(*starts, strict=True)),
                ("at most 1.5", "-"),
                strict=True,
            ):
                took = f"{statistics.median(seconds):.2f} ({seconds[0]:.2f} to {seconds[-1]:.2f})"
                title = f"Start to the {what}, the specified {architecture.upper()}, s (median of {STARTS})"
                table.add_row(title, took, "-", "-", goal)


def _start(chromium: Browser, architecture: str) -> tuple[float, float]:
    """The seconds from Start to the first point and to the first line, in a server of its own.

    The first point is the untrained network's. The line begins there and shows the first batches that were learned.
    """
    with tempfile.TemporaryDirectory() as folder, harness.served(TRAINED_MODELS=folder) as (address, _):
        page = chromium.new_page()
        page.goto(f"{address}/train?train_model={architecture.upper()}")
        button = page.get_by_role("button", name="Start training")
        button.wait_for()
        page.wait_for_timeout(1000 * PREPARING)
        page.evaluate(FIRST_POINTS_TIMER)
        button.click()
        point, line_drawn = page.evaluate("window.firstPoints")
        page.get_by_role("button", name="Discard").click()
        page.locator("[class*=st-key-train_ended_]").first.wait_for()
        page.close()
    return point / 1000, line_drawn / 1000


def stopping(table: Table) -> None:
    """Measure the time from the request to stop and keep until the run is there, a second into the second epoch."""
    for title, config in {
        "the specified MLP": recipe_config("specified", "mlp", epochs=100),
        "the specified CNN": recipe_config("specified", "cnn"),
        "the robust CNN": recipe_config("robust", "cnn"),
    }.items():
        seconds = sorted(_stop(config) for _ in range(STOPS))
        took = f"{statistics.median(seconds):.1f} ({seconds[0]:.1f} to {seconds[-1]:.1f})"
        table.add_row(f"stopping {title}, best epoch kept, s (median of {STOPS})", took, "-", "-", "at most 2")


def _stop(config: TrainingConfig) -> float:
    """The seconds of one stop that keeps the best epoch."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRAINED_MODELS"] = folder
        jobs = JobQueue(LocalTraining)
        number = jobs.submit(config, "stopped").number
        while not jobs.job(number).epochs:
            time.sleep(0.05)
        time.sleep(1)
        start = time.perf_counter()
        jobs.stop(number, keep=True)
        assert jobs.wait(number, 60).state == FINISHED
        seconds = time.perf_counter() - start
        del os.environ["TRAINED_MODELS"]
    return seconds


def _through_the_product(config: TrainingConfig) -> float:
    """The seconds of the epochs of a training that is started as the page starts it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "mnist_core",
            "train",
            "--config",
            "-",
            "--commands",
            "--json",
            "--name",
            "bench",
        ]
        environment = {**os.environ, "TRAINED_MODELS": folder}
        with subprocess.Popen(
            command, cwd=harness.ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(config.to_json()) + "\n")
            process.stdin.flush()
            events = [json.loads(line) for line in process.stdout]
    return sum(event["seconds"] for event in events if event["event"] == "epoch")


def _measure(*arguments: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-m", __name__, *arguments], cwd=harness.ROOT, capture_output=True, text=True, check=True
    )
    return [float(value) for value in done.stdout.split()]


def bare(architecture: str, epochs: int) -> float:
    """The seconds of model.fit with the settings of the specified recipe and nothing else."""
    import keras

    from mnist_core.models.registry import ARCHITECTURES
    from mnist_core.training.fitting import compile_model, precision
    from mnist_core.training.sources import split_validation
    from mnist_core.training.validation import BATCH

    config = on_this_machine(recipe_config("specified", architecture, epochs=epochs))
    fitted, held_out = split_validation(load_mnist().train, config.validation_digits)
    keras.utils.set_random_seed(1)
    one_hot = np.eye(10, dtype=np.float32)
    digits, targets = fitted.pixels()[..., np.newaxis], one_hot[fitted.labels]
    validation = (held_out.pixels()[..., np.newaxis], one_hot[held_out.labels])
    with precision(config.precision):
        model = ARCHITECTURES[architecture].build()
        compile_model(model, config, -(-len(fitted) // config.batch_size))
        start = time.perf_counter()
        model.fit(
            digits,
            targets,
            batch_size=config.batch_size,
            epochs=epochs,
            validation_data=validation,
            validation_batch_size=BATCH,
            verbose=0,
        )
        return time.perf_counter() - start


def rate(precision: str) -> float:
    """The digits per second of the specified CNN in Keras."""
    from mnist_core.training.speed_measurement import measure_speed

    return measure_speed(recipe_config("specified", "cnn", precision=precision)).training


def torch_rate() -> float:
    """The digits per second of the same network, optimizer and batch size in plain PyTorch, on tensors in memory.

    A warm-up comes first.
    """
    import torch
    from torch import nn

    batch = recipe_config("specified", "cnn").batch_size
    torch.manual_seed(1)
    blocks = [
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]
    blocks += [
        nn.Conv2d(64, 128, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1152, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    ]
    model = nn.Sequential(*blocks)
    assert sum(parameter.numel() for parameter in model.parameters()) == 241_546
    optimizer, loss = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9, eps=1e-7), nn.CrossEntropyLoss()
    digits, labels = torch.rand(batch * 20, 1, 28, 28), torch.randint(0, 10, (batch * 20,))
    for number in range(TORCH_BATCHES + 20):
        if number == 20:
            start = time.perf_counter()
        part = slice(number % 20 * batch, (number % 20 + 1) * batch)
        optimizer.zero_grad()
        loss(model(digits[part]), labels[part]).backward()
        optimizer.step()
    return TORCH_BATCHES * batch / (time.perf_counter() - start)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["bare", architecture, epochs]:
            print(bare(architecture, int(epochs)))
        case ["rate", precision]:
            print(rate(precision))
        case ["torch"]:
            try:
                print(torch_rate())
            except ImportError:
                sys.exit(0)
