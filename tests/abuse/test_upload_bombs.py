"""Pictures that are small files and would be large in memory, damaged ones, and crowds of marks: read or refused, in
bounded memory and time.
"""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.abuse import length
from tests.abuse.mutations import damaged
from tests.conftest import ROOT, three
from tests.photographed import jpeg, on_paper

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(length.seconds(300)),
    pytest.mark.skipif(sys.platform != "linux", reason="reads the memory as Linux counts it"),
]

MOST_MEGABYTES = 450
"""By which the memory may rise while one picture after the other is read."""

MOST_SECONDS = 20
"""Of processor time that a picture may take: many times what any takes on a slow machine."""

SIDES = (100, 1000, 3400, 7060, 16000)
KINDS = {"PNG": ("L", "RGBA", "1", "P"), "WEBP": ("RGB", "RGBA"), "JPEG": ("L", "RGB")}


def bomb(random: np.random.Generator) -> bytes:
    """An even picture of a random kind and size, sometimes with damage."""
    kind = str(random.choice(list(KINDS)))
    longest = 16000 if kind != "WEBP" else 3400
    width, height = (min(longest, int(side)) for side in random.choice(SIDES, 2))
    if width * height > 60_000_000:  # what is larger takes long to make, and is refused in the same way
        height = 60_000_000 // width
    file = io.BytesIO()
    options = {"method": 0} if kind == "WEBP" else {"compress_level": 1} if kind == "PNG" else {}
    Image.new(str(random.choice(KINDS[kind])), (width, height), 1).save(file, kind, **options)
    return damaged(file.getvalue(), random) if random.random() < 0.3 else file.getvalue()


def crowd(random: np.random.Generator) -> bytes:
    """Marks in rows and columns, a few or thousands, on clean paper, on noisy paper, or nothing but noise."""
    side = int(random.choice([300, 560, 1120, 2240]))
    step = int(random.integers(2, 120))
    paper = np.full((side, side), 240.0)
    match random.integers(5):
        case 0:
            paper[::step, ::step] = 20
        case 1:
            paper[:, ::step] = 20
        case 2:
            across, down = np.meshgrid(np.arange(side), np.arange(side))
            paper[(across % step < step // 2) & (down % step < max(1, step // 3))] = 20
        case 3:
            paper = random.integers(0, 256, (side // step + 1, side // step + 1)).repeat(step, 0).repeat(step, 1) * 1.0
        case 4:  # as many digits of a number as there may be, and a few more
            step = side // int(random.integers(8, 40))
            paper[side // 3 : side // 2, step // 2 :: step] = 20
            paper[side // 3 : side // 2, step // 2 + 1 :: step] = 20
    paper += random.normal(0, float(random.choice([0, 6])), paper.shape)
    file = io.BytesIO()
    Image.fromarray(paper.clip(0, 255).astype(np.uint8)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def read(folder: Path) -> tuple[int, int, int]:
    """How many pictures in the folder are read and how many refused, and the rise of the memory in megabytes.

    None may take too long.
    """
    command = [sys.executable, "-W", "error", "-m", "tests.abuse.picture_check", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    *counts, seconds = done.stdout.split()
    assert float(seconds) < MOST_SECONDS
    were_read, refused, rise = map(int, counts)
    return were_read, refused, rise


def test_bombs_are_read_or_refused_in_bounded_memory(tmp_path: Path) -> None:
    for case in length.cases(6):
        (tmp_path / f"{case:06}").write_bytes(bomb(np.random.default_rng([length.SEED, case])))
    were_read, refused, rise = read(tmp_path)
    assert were_read + refused == len(length.cases(6))
    assert min(were_read, refused) > 0
    assert rise < MOST_MEGABYTES


def test_crowds_of_marks_are_read_or_refused_in_bounded_memory_and_time(tmp_path: Path) -> None:
    for case in length.cases(6):
        (tmp_path / f"{case:06}").write_bytes(crowd(np.random.default_rng([length.SEED, case])))
    were_read, _, rise = read(tmp_path)
    assert were_read == len(length.cases(6))
    assert rise < MOST_MEGABYTES


def test_damaged_photographs_are_read_or_refused(tmp_path: Path) -> None:
    photograph = jpeg(on_paper(three()))
    for case in length.cases(8):
        random = np.random.default_rng([length.SEED, case])
        (tmp_path / f"{case:06}").write_bytes(damaged(photograph, random))
    were_read, refused, _ = read(tmp_path)
    assert were_read + refused == len(length.cases(8))
    assert min(were_read, refused) > 0
