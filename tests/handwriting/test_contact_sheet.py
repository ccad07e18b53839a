"""The picture of all styles."""

from pathlib import Path

from PIL import Image

from mnist_core.handwriting.contact_sheet import contact_sheet
from mnist_core.handwriting.marks import MARKS
from mnist_core.handwriting.styles import STYLES


def test_the_contact_sheet_is_a_small_picture_of_all_styles(tmp_path: Path) -> None:
    contact_sheet(tmp_path / "sheet.png", columns=3)
    assert (tmp_path / "sheet.png").stat().st_size < 400_000
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height >= (len(STYLES) + len(MARKS)) // 2 * 28
