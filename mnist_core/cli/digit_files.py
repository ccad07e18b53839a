"""Files for the 28 x 28 digits that the models get from pictures."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from mnist_core.data.datasets import as_bytes
from mnist_core.data.preprocessing import Digit
from mnist_core.errors import PictureError


def check_targets(target: str | None, images: Sequence[str]) -> list[Path]:
    """The file for the digit of each picture. Empty if there is no target.

    target: a PNG file for one picture, or a folder, which is made if need be. Raises PictureError if several pictures
    have one file as their target, if a picture itself would be overwritten, or if the folder cannot be made.

    >>> [str(file) for file in check_targets("digit.png", ["seven.jpg"])]
    ['digit.png']
    """
    if target is None:
        return []
    path = Path(target)
    if path.suffix.lower() == ".png" and not path.is_dir():
        if len(images) > 1:
            raise PictureError(
                f"--save-digit names one file, {path}, for {len(images)} pictures. Name a folder instead."
            )
        files = [path]
    else:
        files = [path / name for name in _names(images)]
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PictureError(
                f"The folder {path} cannot be made ({error.strerror}). Name a PNG file, or a folder that can be made."
            ) from error
    pictures = {Path(image).resolve() for image in images}
    for file in files:
        if file.resolve() in pictures:
            raise PictureError(f"--save-digit would overwrite the picture {file}. Name another file or folder.")
    return files


def _names(images: Sequence[str]) -> list[str]:
    """A file name for each picture: its own with -28x28, and a number if two are the same."""
    names: list[str] = []
    for image in images:
        stem = "stdin" if image == "-" else Path(image).stem
        name, number = f"{stem}-28x28.png", 2
        while name in names:
            name, number = f"{stem}-28x28-{number}.png", number + 1
        names.append(name)
    return names


def save_digit(digit: Digit, path: Path) -> None:
    """Save a digit, (28, 28) float32 in 0..1, or several side by side, as a grey PNG: white on black.

    Raises PictureError.
    """
    try:
        Image.fromarray(as_bytes(digit)).save(path, format="PNG")
    except OSError as error:
        raise PictureError(
            f"The digit cannot be saved to {path} ({error.strerror}). Name a PNG file in a folder that exists."
        ) from error
