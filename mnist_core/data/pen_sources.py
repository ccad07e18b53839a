"""The pen strokes of 30 writers: where they are on this machine, how they are checked, and the download.

    >>> pen = load_pens_by_name("uci")                       # doctest: +SKIP
    >>> len(pen), len(set(pen.donors))                       # doctest: +SKIP
    (7494, 30)

E. Alpaydin, F. Alimoglu, "Pen-Based Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C5MG6K, CC BY 4.0. Only its training part is ever read. The 14 writers of its test part stay
unseen, so that runs can be measured on them.

The file is the one that the environment variable UCI_PENS_NPZ names. If the variable is unset, it is
~/.keras/datasets/pen_digits_uci.npz (or below KERAS_HOME), beside MNIST. Its labels and strokes are always checked
against one digest.
"""

import io
import os
import tempfile
import zipfile
from pathlib import Path

from mnist_core.data.downloading import FAILURES, Progress, fetch, reason
from mnist_core.data.mnist import keras_datasets_folder
from mnist_core.data.pen_files import PenDigits, load_pen_digits, save_pen_digits
from mnist_core.data.unipen import parse_unipen
from mnist_core.errors import DatasetError

UCI_PENS = "uci"
"""The name of these strokes in settings and in runs."""

UCI_DIGEST = "6c8fb1eb6d4e47aa3d0e8dd139a532061b051bf487cd8105110d9c7d8c520ca6"
"""SHA-256 of labels and strokes, see `PenDigits.digest`.

It was computed from a copy of these strokes in the file format of this project, not from the zip file itself. All
strokes of the copy are what `scaled_to_file` makes of whole numbers up to 500, as the original has them."""

UCI_URL = "https://archive.ics.uci.edu/static/public/81/pen+based+recognition+of+handwritten+digits.zip"
"""The repository's own zip file: 2 MB."""

UCI_MEMBER = "pendigits-orig.tra.Z"
"""The training part in the zip file, compressed by Unix compress."""

MISSING_PENS = (
    "going without the strokes of real pens, because they are not on this machine; "
    "digit-duel download --pens fetches them"
)
"""What a training says that lacks the usual pen strokes: a phrase, as of the event 'preparing'."""


def uci_pens_path() -> Path:
    """The file of these pen strokes, whether or not it exists yet."""
    if named := os.environ.get("UCI_PENS_NPZ"):
        return Path(os.path.expanduser(named))
    return keras_datasets_folder() / "pen_digits_uci.npz"


def has_uci_pens() -> bool:
    """Whether the pen strokes are on this machine, so that they can be loaded without a network."""
    return os.path.isfile(uci_pens_path())


def load_pens_by_name(name: str) -> PenDigits:
    """Load pen strokes from this machine's disk. name: 'uci', or the path of a file of pen digits.

    Raises DatasetError if they are absent or damaged, or if those called 'uci' are others.
    """
    if name != UCI_PENS:
        return load_pen_digits(Path(os.path.expanduser(name)))
    path = uci_pens_path()
    if not has_uci_pens():
        raise DatasetError(
            f"The pen strokes are not on this machine: there is no file {path}. "
            "Either run `digit-duel download --pens` once with a network, or set UCI_PENS_NPZ to a copy of the file."
        )
    pen = load_pen_digits(path)
    if (digest := pen.digest()) != UCI_DIGEST:
        raise DatasetError(
            f"{path} holds other pen strokes than expected: their digest is {digest[:12]}…, not {UCI_DIGEST[:12]}…. "
            "Delete the file and download it again. To train with strokes of your own, name the file with --pens."
        )
    return pen


def download_uci_pens(progress: Progress | None = None, *, url: str = UCI_URL) -> Path:
    """Download the pen strokes, check them, and put them in place in one step.

    progress: told about every 64 kB. What it raises passes through and ends the download.

    Returns the file's path. Raises DatasetError, which names the remedies, if the source does not deliver these strokes
    or the file cannot be written.
    """
    path = uci_pens_path()
    try:
        with tempfile.TemporaryDirectory() as folder:
            pen = parse_unipen(_uncompressed(fetch(url, Path(folder), progress or (lambda received, total: None))))
    except FAILURES as error:
        raise DatasetError(
            f"The pen strokes could not be downloaded. {url}: {reason(error)}. "
            f"Check the network and try again, or put a copy of the file at {path} (or set UCI_PENS_NPZ to it)."
        ) from error
    if (digest := pen.digest()) != UCI_DIGEST:
        raise DatasetError(
            f"The pen strokes could not be downloaded. {url}: its strokes have the digest {digest[:12]}…, "
            f"expected {UCI_DIGEST[:12]}…. Put a copy of the file at {path} (or set UCI_PENS_NPZ to it)."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_pen_digits(pen, path)
    except OSError as error:
        raise DatasetError(
            f"The pen strokes could not be written to {path} ({error}). "
            "Free some space, or set UCI_PENS_NPZ to a place that can be written."
        ) from error
    return path


def _uncompressed(archive: Path) -> str:
    """The UNIPEN text in the zip file. Raises DatasetError, zipfile.BadZipFile or ValueError for anything else."""
    import uncompresspy  # only a download needs it

    with zipfile.ZipFile(archive) as zipped:
        if UCI_MEMBER not in zipped.namelist():
            raise DatasetError(f"it has no {UCI_MEMBER}")
        member = io.BytesIO(zipped.read(UCI_MEMBER))
    with uncompresspy.open(member) as text:
        return str(text.read().decode("ascii"))
