"""MNIST is downloaded from either source, checked and put in place; nothing else passes for it."""

import http.client
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data import mnist_sources
from mnist_core.data.mnist import load_mnist
from mnist_core.data.mnist_sources import download_mnist
from mnist_core.errors import DatasetError
from tests.data.mnist_stand_in import ARRAYS, write_idx


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


@pytest.mark.parametrize("first", ["nowhere.npz", "other.npz", "short.npz", "text.npz"])
def test_the_mirror_steps_in_when_the_first_source_fails(site: tuple[Path, str], home: Path, first: str) -> None:
    folder, address = site
    write_idx(folder)
    np.savez_compressed(folder / "short.npz", **ARRAYS)
    np.savez_compressed(folder / "other.npz", **{**ARRAYS, "y_test": np.array([3, 5], np.uint8)})
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
    assert str(failure.value).replace(address, "").count("404") == 2  # the port may contain it
    assert leftovers(home) == []


def test_a_download_that_is_stopped_leaves_nothing(site: tuple[Path, str], home: Path) -> None:
    folder, address = site
    np.savez(folder / "mnist.npz", **ARRAYS)

    def stop(received: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_mnist(stop, npz_url=address + "mnist.npz", idx_url=address)
    assert leftovers(home) == []


def test_a_download_can_be_stopped_in_the_middle_of_a_file(site: tuple[Path, str], home: Path) -> None:
    folder, address = site
    np.savez(folder / "mnist.npz", **{**ARRAYS, "x_train": np.zeros((5000, 28, 28), np.uint8)})
    size, seen = (folder / "mnist.npz").stat().st_size, []

    def stop(received: int, total: int) -> None:
        seen.append((received, total))
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_mnist(stop, npz_url=address + "mnist.npz", idx_url=address)
    assert [received for received, _ in seen] == [65_536, 131_072, 196_608]
    assert {total for _, total in seen} == {size}
    assert leftovers(home) == []


def test_an_address_without_a_server_is_a_short_message(home: Path) -> None:
    with pytest.raises(DatasetError, match=r"no connection to the server.*Check the network") as failure:
        download_mnist(npz_url="http://127.0.0.1:9/mnist.npz", idx_url="http://127.0.0.1:9/")
    assert "object at 0x" not in str(failure.value)


def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(site: tuple[Path, str], home: Path) -> None:
    folder, address = site
    np.savez_compressed(folder / "mnist.npz", **ARRAYS)
    home.parent.parent.mkdir(parents=True)
    home.parent.write_text("a file where the folder should be")
    with pytest.raises(DatasetError, match=r"could not be written to .*mnist\.npz.*MNIST_NPZ"):
        download_mnist(npz_url=address + "mnist.npz", idx_url=address)


def test_a_download_says_nothing_on_the_terminal(
    site: tuple[Path, str], home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, address = site
    np.savez_compressed(folder / "mnist.npz", **ARRAYS)
    download_mnist(npz_url=address + "mnist.npz", idx_url=address)
    assert capfd.readouterr() == ("", "")
