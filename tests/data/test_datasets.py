"""MNIST is found, fetched and checked; nothing else passes for it."""

import gzip
import http.client
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data import datasets, mnist, mnist_sources
from mnist_core.data.datasets import IDX_FILES, arrays_digest, download_mnist, load_labelled, load_mnist
from mnist_core.errors import DatasetError

ARRAYS = {
    "x_train": np.arange(6 * 784, dtype=np.uint64).astype(np.uint8).reshape(6, 28, 28),
    "y_train": np.arange(6, dtype=np.uint8),
    "x_test": np.ones((2, 28, 28), np.uint8),
    "y_test": np.array([3, 4], np.uint8),
}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without talking; what ends in 'short' is cut in the middle."""

    def log_message(self, *arguments: object) -> None:
        pass

    def copyfile(self, source, outputfile) -> None:  # type: ignore[no-untyped-def]
        data = source.read()
        outputfile.write(data[: len(data) // 2] if "short" in self.path else data)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which it is served on this machine."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where MNIST would be kept, empty; the digest is that of the small arrays."""
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(mnist, "MNIST_DIGEST", arrays_digest(ARRAYS))
    return tmp_path / "keras" / "datasets" / "mnist.npz"


def write_idx(folder: Path) -> None:
    for name, file in IDX_FILES.items():
        array = ARRAYS[name]
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
        (folder / file).write_bytes(gzip.compress(header + array.tobytes()))


def leftovers(path: Path) -> list[str]:
    return [file.name for file in path.parent.iterdir()] if path.parent.exists() else []


def test_mnist_is_downloaded_checked_and_put_where_keras_looks(site: tuple[Path, str], home: Path) -> None:
    folder, address = site
    np.savez_compressed(folder / "mnist.npz", **ARRAYS)
    seen: list[tuple[int, int]] = []
    assert (
        download_mnist(
            lambda received, total: seen.append((received, total)), npz_url=address + "mnist.npz", idx_url=address
        )
        == home
    )
    assert seen[-1][0] == seen[-1][1] == (folder / "mnist.npz").stat().st_size
    loaded = load_mnist()
    assert np.array_equal(loaded.train.images, ARRAYS["x_train"])
    assert loaded.test.labels.tolist() == [3, 4]
    assert leftovers(home) == ["mnist.npz"]


@pytest.mark.parametrize("first", ["nowhere.npz", "wrong.npz", "short.npz", "text.npz"])
def test_the_mirror_steps_in_when_the_first_source_fails(site: tuple[Path, str], home: Path, first: str) -> None:
    folder, address = site
    write_idx(folder)
    np.savez_compressed(folder / "short.npz", **ARRAYS)
    np.savez_compressed(folder / "wrong.npz", **{**ARRAYS, "y_test": np.array([3, 5], np.uint8)})
    (folder / "text.npz").write_text("<html>please log in</html>")
    download_mnist(npz_url=address + first, idx_url=address)
    assert load_mnist().train.labels.tolist() == list(range(6))


@pytest.mark.parametrize(
    "failure", [http.client.IncompleteRead(b"half"), ValueError("unknown url type"), TimeoutError()]
)
def test_the_mirror_steps_in_whatever_the_first_source_raises(
    home: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def broken(url: str, progress: object) -> None:
        raise failure

    monkeypatch.setattr(mnist_sources, "_fetch_npz", broken)
    monkeypatch.setattr(mnist_sources, "_fetch_idx", lambda url, progress: ARRAYS)
    assert download_mnist() == home


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\x08", b"\0\0\x08\x03", b"\0\0\x08\x01\0\0\0\x02\x01", b"\0\0\x08\x01\xff\xff\xff\xff\x01", b"<html>"],
)
def test_broken_files_of_the_mirror_are_refused(data: bytes) -> None:
    with pytest.raises(DatasetError, match="labels"):
        mnist_sources._parse_idx(data, "labels")


def test_without_any_source_the_message_names_both_remedies_and_nothing_is_left(
    site: tuple[Path, str], home: Path
) -> None:
    _, address = site
    with pytest.raises(DatasetError, match=r"could not be downloaded.*network.*MNIST_NPZ") as failure:
        download_mnist(npz_url=address + "nowhere.npz", idx_url=address)
    assert str(failure.value).count("404") == 2
    assert leftovers(home) == []


def test_a_download_that_is_stopped_leaves_nothing(site: tuple[Path, str], home: Path) -> None:
    folder, address = site
    np.savez(folder / "mnist.npz", **ARRAYS)

    def stop(received: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_mnist(stop, npz_url=address + "mnist.npz", idx_url=address)
    assert leftovers(home) == []


def test_absent_mnist_is_a_message_with_both_remedies(home: Path) -> None:
    assert not datasets.has_mnist()
    with pytest.raises(DatasetError, match=r"digit-duel download.*MNIST_NPZ"):
        load_mnist()


@pytest.mark.parametrize("named", ["/nowhere/mnist.npz", "~nobody-of-that-name/mnist.npz"])
def test_a_named_file_that_is_absent_is_said_to_be(home: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("MNIST_NPZ", named)
    assert not datasets.has_mnist()
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


def test_the_digest_sees_values_shape_and_type() -> None:
    digest = arrays_digest(ARRAYS)
    assert digest != arrays_digest({**ARRAYS, "y_train": ARRAYS["y_train"][::-1]})
    assert digest != arrays_digest({**ARRAYS, "x_test": ARRAYS["x_test"].reshape(2, 784)})
    assert digest != arrays_digest({**ARRAYS, "y_test": ARRAYS["y_test"].astype(np.int64)})


@pytest.mark.parametrize("scale", [1, 255])
def test_labelled_images_may_be_bytes_or_shares(tmp_path: Path, scale: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    np.savez(
        tmp_path / "some.npz", x=images if scale == 1 else (images / 255).astype(np.float32)[..., None], y=np.arange(5)
    )
    split = load_labelled(tmp_path / "some.npz")
    assert np.array_equal(split.images, images)
    assert split.pixels().max() <= 1


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.zeros((2, 27, 28), np.uint8), np.zeros(2, int)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(3, int)),
        (np.zeros((0, 28, 28), np.uint8), np.zeros(0, int)),
        (np.full((2, 28, 28), 255.0), np.zeros(2, int)),
        (np.full((2, 28, 28), np.nan), np.zeros(2, int)),
        (np.zeros((2, 28, 28), np.int32), np.zeros(2, int)),
        (np.zeros((2, 28, 28), np.uint8), np.array([1, 10])),
        (np.zeros((2, 28, 28), np.uint8), np.array([1.0, 2.0])),
    ],
)
def test_labelled_files_that_do_not_fit_are_refused_by_name(tmp_path: Path, x: np.ndarray, y: np.ndarray) -> None:
    np.savez(tmp_path / "some.npz", x=x, y=y)
    with pytest.raises(DatasetError, match=r"some\.npz"):
        load_labelled(tmp_path / "some.npz")


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
