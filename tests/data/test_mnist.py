"""MNIST is found on this machine and checked."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.digit_set import arrays_digest
from mnist_core.data.mnist import has_mnist, load_mnist
from mnist_core.errors import DatasetError
from tests.data.mnist_stand_in import ARRAYS


def test_absent_mnist_is_a_message_with_both_remedies(home: Path) -> None:
    assert not has_mnist()
    with pytest.raises(DatasetError, match=r"digit-duel download.*MNIST_NPZ"):
        load_mnist()


@pytest.mark.parametrize("named", ["/nowhere/mnist.npz", "~nobody-of-that-name/mnist.npz"])
def test_a_named_file_that_is_absent_is_said_to_be(home: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("MNIST_NPZ", named)
    assert not has_mnist()
    with pytest.raises(DatasetError, match="MNIST_NPZ names"):
        load_mnist()


def test_a_named_file_goes_first(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "mine.npz", **ARRAYS)
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "mine.npz"))
    assert load_mnist().digest == arrays_digest(ARRAYS)


@pytest.mark.parametrize("damage", ["cut", "other", "missing", "text", "single"])
def test_a_damaged_or_foreign_file_is_not_taken_for_mnist(home: Path, damage: str) -> None:
    home.parent.mkdir(parents=True)
    match damage:
        case "cut":
            np.savez(home, **ARRAYS)
            home.write_bytes(home.read_bytes()[:3000])
        case "other":
            np.savez(home, **{**ARRAYS, "y_train": ARRAYS["y_train"][::-1]})
        case "missing":
            np.savez(home, x_train=ARRAYS["x_train"])
        case "text":
            home.write_text("hello")
        case "single":
            with home.open("wb") as file:
                np.save(file, ARRAYS["x_train"])
    with pytest.raises(DatasetError, match=r"mnist\.npz"):
        load_mnist()


def test_pickled_objects_are_refused(home: Path) -> None:
    home.parent.mkdir(parents=True)
    np.savez(home, **{**ARRAYS, "x_train": np.array([{"a": 1}], object)}, allow_pickle=True)
    with pytest.raises(DatasetError):
        load_mnist()
