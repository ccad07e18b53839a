"""Every data set is loaded by its one name."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.data import datasets
from mnist_core.data.datasets import arrays_digest
from mnist_core.errors import DatasetError
from tests.data.mnist_stand_in import ARRAYS


def test_the_digest_sees_values_shape_and_type() -> None:
    digest = arrays_digest(ARRAYS)
    assert digest != arrays_digest({**ARRAYS, "y_train": ARRAYS["y_train"][::-1]})
    assert digest != arrays_digest({**ARRAYS, "x_test": ARRAYS["x_test"].reshape(2, 784)})
    assert digest != arrays_digest({**ARRAYS, "y_test": ARRAYS["y_test"].astype(np.int64)})


def test_the_offline_set_needs_no_network_and_looks_like_mnist() -> None:
    offline = datasets.load_digit_set("offline")
    assert (offline.name, len(offline.train), len(offline.test)) == ("offline", 1437, 360)
    assert offline.train.images.shape == (1437, 28, 28)
    assert offline.train.images.dtype == np.uint8
    assert set(offline.test.labels) == set(range(10))
    for image in offline.train.images[:100]:  # MNIST's own frame: the ink within 20 pixels, around the middle
        rows, columns = np.nonzero(image > 40)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
    assert datasets.load_digit_set("offline").digest == offline.digest


def test_an_unknown_digit_set_is_refused_with_what_there_is() -> None:
    with pytest.raises(DatasetError, match="mnist, offline"):
        datasets.load_digit_set("kmnist")


@pytest.mark.parametrize("as_path", [False, True])
def test_a_file_is_loaded_by_its_path(tmp_path: Path, as_path: bool) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, images=np.zeros((10, 28, 28), np.uint8), labels=np.arange(10))
    digits = datasets.load_digit_set(path if as_path else str(path))
    assert (digits.name, len(digits.train), len(digits.test)) == (str(path), 8, 2)


@pytest.mark.usefixtures("home")
def test_mnist_is_loaded_by_today_s_name_and_by_the_name_in_older_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "mine.npz", **ARRAYS)
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "mine.npz"))
    for name in ("mnist", "MNIST"):
        assert datasets.load_digit_set(name).name == "mnist"


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no file .*gone\.npz"):
        datasets.load_digit_set(tmp_path / "gone.npz")
