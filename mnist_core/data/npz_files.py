"""Read .npz files that other people made. Whatever is damaged or missing in them becomes a DatasetError.

>>> import tempfile
>>> path = Path(tempfile.mkdtemp()) / "some.npz"
>>> np.savez(path, labels=[7, 2, 1])
>>> array_names(path), read_npz(path, ("labels",))["labels"].tolist()
(['labels'], [7, 2, 1])
"""

import os
import tempfile
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.errors import DatasetError

NPZ_ERRORS = (
    OSError,
    ValueError,
    EOFError,
    TypeError,
    KeyError,
    AttributeError,
    MemoryError,
    zipfile.BadZipFile,
    NotImplementedError,  # a way of compression that zipfile does not know
    zlib.error,
    tokenize.TokenError,
)
"""What NumPy raises on opening and reading a damaged .npz file."""


def array_names(path: Path) -> list[str]:
    """The names of the arrays in an .npz file. Raises DatasetError if it is not an .npz file."""
    with _opened_npz(path) as file:
        return list(file.files)


def read_npz(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """The named arrays of an .npz file.

    Raises DatasetError if one is missing or the file is damaged. Pickled objects are refused, because they could run
    code.
    """
    with _opened_npz(path) as file:
        if missing := [name for name in names if name not in file]:
            raise DatasetError(
                f"{path} has no array {', '.join(missing)}; it contains {', '.join(file.files) or 'no arrays'}. "
                f"Name an .npz file with {', '.join(names)}."
            )
        return {name: file[name] for name in names}


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a compressed .npz file beside its place and rename it, so that no other process ever sees half a file.

    Raises OSError if the file cannot be written, for example because its folder does not exist. Then nothing is left
    behind.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _opened_npz(path: Path) -> Iterator[np.lib.npyio.NpzFile]:
    """The open file. Every failure, on opening or on reading, becomes a DatasetError."""
    try:
        # np.load itself would leave the file open when it is not a zip file.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise DatasetError(f"{path} holds a single array, expected an .npz file with named arrays.")
            yield file
    except FileNotFoundError:
        raise DatasetError(f"There is no file {path}. Name an existing .npz file.") from None
    except NPZ_ERRORS as error:
        reason = f" ({error})" if isinstance(error, OSError) else ""
        raise DatasetError(
            f"{path} cannot be read as an .npz file of plain arrays{reason}. "
            "It is damaged or of another kind; name another file."
        ) from error
