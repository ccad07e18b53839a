"""MNIST and other labelled digits: found, downloaded, checked.

    >>> mnist = load_mnist()                 # doctest: +SKIP
    >>> mnist.train.images.shape, mnist.test.labels[:3]  # doctest: +SKIP
    ((60000, 28, 28), array([7, 2, 1], dtype=uint8))

Where MNIST is looked for: the file that the environment variable MNIST_NPZ names, else where Keras keeps its own copy
(~/.keras/datasets/mnist.npz, or below KERAS_HOME). Wherever it came from, its arrays are checked against one digest.
"""

import gzip
import hashlib
import http.client
import math
import os
import tempfile
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core.data.preprocessing import from_ink
from mnist_core.errors import DatasetError

MNIST = "MNIST"
OFFLINE = "offline"
DIGIT_SETS = {
    MNIST: "MNIST: 60,000 digits to train with, 10,000 to test with",
    OFFLINE: "small offline set: 1,437 digits to train with, 360 to test with",
}
"""What there is to train with, by the name that a config and a run carry."""

OFFLINE_TEST = 360
"""The last digits of the offline set are for testing: they come in the order of their writers, so most were written by others."""

MNIST_DIGEST = "a01671389766172d0fe3c6ce94e27aea68db16480c3e1dda5bb946a18204cf3b"
"""SHA-256 of MNIST's four arrays, see `arrays_digest`. A file's own digest would differ with every zip program."""

MNIST_NPZ_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
"""The file that `keras.datasets.mnist` loads: 11.5 MB."""

MNIST_IDX_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
"""The mirror: the four original files, as kept for PyTorch's torchvision."""

IDX_FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}

TIMEOUT_SECONDS = 20

Progress = Callable[[int, int], None]
"""Called with (bytes received, bytes in all or 0 if unknown). It may raise to stop the download; nothing stays behind."""


@dataclass(frozen=True)
class Split:
    """Labelled digits. images: (n, 28, 28) uint8, 255 is ink. labels: (n,) uint8, 0..9."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)

    def pixels(self) -> NDArray[np.float32]:
        """The images as the models take them: (n, 28, 28) float32 in 0..1."""
        return self.images.astype(np.float32) / np.float32(255)

    def pixels_of(self, index: int) -> NDArray[np.float32]:
        """One image as the models take it: (28, 28) float32 in 0..1."""
        pixels: NDArray[np.float32] = self.images[index].astype(np.float32) / np.float32(255)
        return pixels


@dataclass(frozen=True)
class DigitSet:
    """Digits to train with and digits to test with. digest: SHA-256 of the arrays. name: one of DIGIT_SETS."""

    train: Split
    test: Split
    digest: str
    name: str = MNIST


def as_bytes(pixels: NDArray[np.floating]) -> NDArray[np.uint8]:
    """0..1 as 0..255, the way MNIST is stored; the opposite of `Split.pixels`."""
    rounded: NDArray[np.uint8] = np.rint(pixels * np.float32(255)).astype(np.uint8)
    return rounded


def mnist_is_named() -> bool:
    """Whether MNIST_NPZ names the file to use; then nothing else is downloaded in its place."""
    return bool(os.environ.get("MNIST_NPZ"))


def mnist_path() -> Path:
    """The file that MNIST is read from, whether or not it exists yet."""
    if mnist_is_named():
        return Path(os.path.expanduser(os.environ["MNIST_NPZ"]))
    keras_home = os.environ.get("KERAS_HOME") or "~/.keras"
    return Path(os.path.expanduser(keras_home)) / "datasets" / "mnist.npz"


def has_mnist() -> bool:
    """Whether MNIST is on this machine, so that `load_mnist` needs no network."""
    return os.path.isfile(mnist_path())


def load_mnist() -> DigitSet:
    """MNIST from this machine's disk, checked. Raises DatasetError if it is absent, damaged or not MNIST."""
    path = mnist_path()
    if not has_mnist():
        if mnist_is_named():
            raise DatasetError(
                f"MNIST_NPZ names {path}, where there is no file. Correct it, or unset it to have MNIST downloaded."
            )
        raise DatasetError(
            f"MNIST is not on this machine: there is no file {path}. "
            "Either run `python -m mnist_core download` once with a network, or set MNIST_NPZ to a copy of mnist.npz."
        )
    arrays = read_npz(path, tuple(IDX_FILES))
    digest = arrays_digest(arrays)
    if digest != MNIST_DIGEST:
        raise DatasetError(
            f"{path} is not MNIST: its arrays have the digest {digest[:12]}…, expected {MNIST_DIGEST[:12]}…. "
            "Delete the file and download it again, or set MNIST_NPZ to a good copy."
        )
    return DigitSet(
        train=Split(arrays["x_train"], arrays["y_train"]),
        test=Split(arrays["x_test"], arrays["y_test"]),
        digest=digest,
    )


def load_digit_set(name: str) -> DigitSet:
    """The digit set of that name, from this machine's disk. Raises DatasetError if it is unknown, absent or damaged."""
    if name == MNIST:
        return load_mnist()
    if name == OFFLINE:
        return load_offline()
    raise DatasetError(f"There is no digit set {name[:80]!r}. Expected one of {', '.join(DIGIT_SETS)}.")


def load_offline() -> DigitSet:
    """Scikit-learn's bundled digits, 1,797 of 8x8, brought to 28x28 the way MNIST was made: for a machine without MNIST and without a network.

    They are the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, 1998).
    """
    from sklearn.datasets import load_digits  # takes a second to import, and MNIST needs none of it

    images, labels = load_digits(return_X_y=True)
    digits = np.stack([as_bytes(from_ink(_enlarged(image.reshape(8, 8) / 16))) for image in images])
    labels = labels.astype(np.uint8)
    splits = {"train": slice(None, -OFFLINE_TEST), "test": slice(-OFFLINE_TEST, None)}
    arrays = {
        f"{axis}_{split}": values[where]
        for split, where in splits.items()
        for axis, values in (("x", digits), ("y", labels))
    }
    return DigitSet(
        train=Split(arrays["x_train"], arrays["y_train"]),
        test=Split(arrays["x_test"], arrays["y_test"]),
        digest=arrays_digest(arrays),
        name=OFFLINE,
    )


def _enlarged(ink: NDArray[np.float64]) -> NDArray[np.float32]:
    """Five times as large and smooth, so that its pixels are not seen as steps. ink: (8, 8) in 0..1."""
    large = Image.fromarray(ink.astype(np.float32)).resize((40, 40), Image.Resampling.BICUBIC)
    return np.asarray(large, np.float32).clip(0, 1)


def download_mnist(
    progress: Progress | None = None,
    *,
    npz_url: str = MNIST_NPZ_URL,
    idx_url: str = MNIST_IDX_URL,
) -> Path:
    """Fetch MNIST from Keras' source, or else from the mirror; check it; put it in place in one step.

    Raises DatasetError, which names both remedies, when neither source gives the right arrays.
    """
    path = mnist_path()
    failures = []
    for fetch, url in ((_fetch_npz, npz_url), (_fetch_idx, idx_url)):
        try:
            arrays = fetch(url, progress or (lambda received, total: None))
        except (OSError, http.client.HTTPException, ValueError, DatasetError, zlib.error, EOFError) as error:
            failures.append(f"{url}: {error}")
            continue
        if (digest := arrays_digest(arrays)) == MNIST_DIGEST:
            _write_npz(path, arrays)
            return path
        failures.append(f"{url}: its arrays have the digest {digest[:12]}…, expected {MNIST_DIGEST[:12]}…")
    raise DatasetError(
        "MNIST could not be downloaded. "
        + "; ".join(failures)
        + f". Check the network and try again, or put a copy of mnist.npz at {path} (or set MNIST_NPZ to it)."
    )


def arrays_digest(arrays: dict[str, NDArray[np.uint8]]) -> str:
    """SHA-256 over x_train, y_train, x_test, y_test: name, dtype, shape and bytes of each, in this order."""
    digest = hashlib.sha256()
    for name in IDX_FILES:
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def load_labelled(path: Path) -> Split:
    """Labelled images from an .npz file with `x` (n, 28, 28) uint8 or 0..1 float and `y` (n,) 0..9; of an mnist.npz the test set."""
    names = ("x_test", "y_test") if "x_test" in array_names(path) else ("x", "y")
    images, labels = read_npz(path, names).values()
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.shape[1:] != (28, 28) or labels.shape != (len(images),) or not len(images):
        raise DatasetError(
            f"{path}: x has shape {images.shape} and y {labels.shape}; expected (n, 28, 28) and (n,) with n of at least 1."
        )
    if images.dtype != np.uint8:
        if (
            not np.issubdtype(images.dtype, np.floating)
            or not np.isfinite(images).all()
            or images.min() < 0
            or images.max() > 1
        ):
            raise DatasetError(f"{path}: x holds {images.dtype} values; expected uint8 (0..255) or floats in 0..1.")
        images = as_bytes(images)
    return Split(images, checked_labels(labels, path))


def checked_labels(labels: NDArray[np.generic], path: Path) -> NDArray[np.uint8]:
    """The labels as uint8; DatasetError, naming the file, if they are anything but whole numbers 0..9."""
    if not np.issubdtype(labels.dtype, np.integer) or (labels.size and (labels.min() < 0 or labels.max() > 9)):
        raise DatasetError(f"{path}: the labels are {labels.dtype}; expected whole numbers 0..9.")
    return labels.astype(np.uint8)


def array_names(path: Path) -> list[str]:
    """The names of the arrays in an .npz file, by which its kind is told. Raises DatasetError if it is none."""
    with _opened_npz(path) as file:
        return list(file.files)


def read_npz(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """The named arrays of an .npz file; DatasetError if it has others or is damaged. Pickled objects are refused: they could run code."""
    with _opened_npz(path) as file:
        if missing := [name for name in names if name not in file]:
            raise DatasetError(
                f"{path} has no array {', '.join(missing)}; it holds {', '.join(file.files) or 'nothing'}."
            )
        return {name: file[name] for name in names}


@contextmanager
def _opened_npz(path: Path) -> Iterator[np.lib.npyio.NpzFile]:
    """The open file; whatever is wrong with it, then or on reading, is a DatasetError."""
    try:
        # Opened here: np.load would leave the file open when it is no zip.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise DatasetError(f"{path} holds a single array; expected an .npz file with named arrays.")
            yield file
    except FileNotFoundError:
        raise DatasetError(f"There is no file {path}. Name an existing .npz file.") from None
    except (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        reason = f" ({error})" if isinstance(error, OSError) else ""
        raise DatasetError(
            f"{path} cannot be read as an .npz file of plain arrays{reason}. It is damaged or of another kind; name another."
        ) from error


def _fetch(url: str, progress: Progress) -> bytes:
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:
        total = int(response.headers.get("Content-Length") or 0)
        parts: list[bytes] = []
        received = 0
        while part := response.read(1 << 16):
            parts.append(part)
            received += len(part)
            progress(received, total)
    if total and received != total:
        raise OSError(f"the connection ended after {received:,} of {total:,} bytes")
    return b"".join(parts)


def _fetch_npz(url: str, progress: Progress) -> dict[str, NDArray[np.uint8]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mnist.npz"
        file.write_bytes(_fetch(url, progress))
        return read_npz(file, tuple(IDX_FILES))


def _fetch_idx(url: str, progress: Progress) -> dict[str, NDArray[np.uint8]]:
    return {name: _parse_idx(gzip.decompress(_fetch(url + file, progress)), file) for name, file in IDX_FILES.items()}


def _parse_idx(data: bytes, name: str) -> NDArray[np.uint8]:
    """MNIST's original format: two zero bytes, type 8 (uint8), the number of axes, each size as big-endian int32, the values."""
    if len(data) < 4 or data[:3] != b"\x00\x00\x08":
        raise DatasetError(f"{name} does not begin like an IDX file of bytes")
    axes = data[3]
    header = 4 + 4 * axes
    if len(data) <= header:
        raise DatasetError(f"{name} ends within its header")
    shape = tuple(int(size) for size in np.frombuffer(data, ">i4", count=axes, offset=4))
    values = np.frombuffer(data, np.uint8, offset=header)
    if min(shape, default=0) < 0 or values.size != math.prod(shape):
        raise DatasetError(f"{name} holds {values.size:,} values, expected shape {shape}")
    return values.reshape(shape)


def _write_npz(path: Path, arrays: dict[str, NDArray[np.uint8]]) -> None:
    """Written beside and renamed into place, so that no other process ever sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".partial", delete=False) as file:
            partial = Path(file.name)
            try:
                np.savez_compressed(file, allow_pickle=False, **arrays)
                file.close()
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(
            f"MNIST could not be written to {path} ({error}). Free some space or set MNIST_NPZ to a place that can be written."
        ) from error
