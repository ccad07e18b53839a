"""Fixtures that several tests use, and the order of all tests.

MNIST is loaded from where the project looks for it (MNIST_NPZ or the cache of Keras), else from ../shared/data. The pen
digits lie there as well, or in the folder that DIGIT_DATA names. Tests that need an absent file are skipped and say so.
"""

import itertools
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from mnist_core.data import datasets
from mnist_core.data.datasets import DigitSet, Split
from mnist_core.database import opening
from tests import postgresql

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("DIGIT_DATA", ROOT.parent / "shared" / "data"))
LATER_FOLDERS = ("pages", "training", "browser")
"""The folders of tests that run after all others, in this order."""

collect_ignore = ["benchmarks"]  # programs, some of which open a page when they are imported

if not datasets.has_mnist() and (DATA / "mnist.npz").is_file():
    os.environ["MNIST_NPZ"] = str(DATA / "mnist.npz")

# Pages under test prepare no training. Tests of the preparation itself remove this.
os.environ.setdefault("DIGIT_DUEL_PREPARED_TRAINER", "0")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts its background jobs with Ctrl-C ignored, and the programs under test would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure() -> None:
    """Have each folder of runs under test use a database of its own, except where a test says so."""
    os.environ.pop("DIGIT_DUEL_DATABASE", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put fast tests first and browser tests last, and mark the trainings as slow."""
    items.sort(key=_rank)  # stable: the order within a folder stays
    for item in items:
        if _rank(item) == 1 + LATER_FOLDERS.index("training"):
            item.add_marker(pytest.mark.slow)


def _rank(item: pytest.Item) -> int:
    folders = item.path.relative_to(ROOT).parts
    return 1 + LATER_FOLDERS.index(folders[1]) if folders[0] == "tests" and folders[1] in LATER_FOLDERS else 0


@pytest.fixture(scope="session")
def mnist() -> DigitSet:
    """MNIST, or a skip."""
    if not datasets.has_mnist():
        pytest.skip(f"MNIST is not on this machine: neither {datasets.mnist_path()} nor {DATA / 'mnist.npz'}")
    return datasets.load_mnist()


@pytest.fixture(scope="session")
def pen_path() -> Path:
    """The file of pen digits, or a skip."""
    path = DATA / "pen_digits.npz"
    if not path.is_file():
        pytest.skip(f"there are no pen digits at {path}")
    return path


@pytest.fixture(scope="session")
def small_mnist() -> DigitSet:
    """A thousand easy pictures in the layout of MNIST: the place of a bar tells the digit. One epoch is enough."""
    random = np.random.default_rng(0)

    def split(count: int) -> Split:
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = random.integers(0, 40, (count, 28, 28), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[4:24, 4 + 2 * label : 7 + 2 * label] = 250
        return Split(images, labels)

    return DigitSet(train=split(800), test=split(200), digest="small")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A running PostgreSQL, see `postgresql.server`, or a skip."""
    with postgresql.server() as socket:
        yield socket


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A test with this fixture runs on both kinds of database. Each has no tables yet. The kind's name."""
    if request.param == "PostgreSQL":
        url = postgresql.new_database(request.getfixturevalue("postgresql_server"))
        monkeypatch.setenv("DIGIT_DUEL_DATABASE", url)
    else:
        monkeypatch.delenv("DIGIT_DUEL_DATABASE", raising=False)
    yield request.param
    for thread in threading.enumerate():
        if thread.name in ("training jobs", "promotions"):  # it would open the database again
            thread.join(10)
    opening.close_all()


def three(size: float = 160.0, left: float = 60.0, top: float = 50.0) -> list[np.ndarray]:
    """A 3 in one stroke, `size` high."""
    angle = np.linspace(-2.4, 1.6, 24)
    upper = np.stack([0.25 + 0.25 * np.cos(angle), 0.25 + 0.25 * np.sin(angle)], axis=1)
    angle = np.linspace(-1.5, 2.4, 24)
    lower = np.stack([0.25 + 0.3 * np.cos(angle), 0.73 + 0.27 * np.sin(angle)], axis=1)
    return [np.concatenate([upper, lower]) * size + [left, top]]


def canvas_json(strokes: list[np.ndarray]) -> dict:
    """Strokes as the canvas sends them: Fabric paths, quadratic curves between the points."""
    objects = []
    for stroke in strokes:
        points = np.asarray(stroke, float)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        path = [["M", *points[0]]]
        path += [["Q", *a, *((a + b) / 2)] for a, b in itertools.pairwise(points)]
        path.append(["L", *points[-1]])
        objects.append(
            {"type": "Path", "left": middle[0], "top": middle[1], "scaleX": 1, "scaleY": 1, "angle": 0, "path": path}
        )
    return {"version": "7.4.0", "objects": objects}
