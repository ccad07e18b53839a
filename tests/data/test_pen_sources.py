"""Pen strokes are fetched from the repository's zip file, checked and put in place; nothing else passes for them."""

from pathlib import Path

import pytest

from mnist_core.data import pen_sources
from mnist_core.data.pen_files import load_pen_digits, save_pen_digits
from mnist_core.data.pen_sources import UCI_MEMBER, download_uci_pens, has_uci_pens, load_pens_by_name, uci_pens_path
from mnist_core.data.unipen import parse_unipen
from mnist_core.errors import DatasetError
from tests.data.pen_stand_in import TEXT, write_zip
from tests.data.unix_compress import compressed


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the strokes would be kept, empty; the digest is that of the small text."""
    monkeypatch.delenv("UCI_PENS_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(pen_sources, "UCI_DIGEST", parse_unipen(TEXT).digest())
    return tmp_path / "keras" / "datasets" / "pen_digits_uci.npz"


def test_unipen_text_becomes_strokes_with_y_downwards_and_the_writers_names() -> None:
    pen = parse_unipen(TEXT)
    assert pen.labels.tolist() == [1, 7]
    assert pen.donors.tolist() == ["w12", "w3"]
    assert [stroke.tolist() for stroke in pen.strokes(0)] == [[[100, 0], [100, 0], [0, 1000]]]
    assert [stroke.tolist() for stroke in pen.strokes(1)] == [[[0, 0], [500, 0], [250, 1000]], [[100, 500], [400, 500]]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('? "7"', '? "seven"'),
        (".COMMENT 7 3", ".COMMENT 1 3"),
        (
            ".PEN_UP\n.DT 100\n.PEN_DOWN\n  120",
            "  120",
        ),  # a stroke less than the segment needs is one stroke: see below
        ("  150  100", "  150"),
        ("  150  100", "  150  1OO"),
        ("  120  200\n  180  200\n", ""),
        (TEXT[-60:], ""),
        (TEXT, ""),
    ],
)
def test_damaged_unipen_text_is_refused(old: str, new: str) -> None:
    damaged = TEXT.replace(old, new)
    assert damaged != TEXT
    if old.startswith(".PEN_UP"):
        assert parse_unipen(damaged).digest() != parse_unipen(TEXT).digest()
        return
    with pytest.raises(DatasetError, match="UNIPEN"):
        parse_unipen(damaged)


def test_strokes_are_downloaded_uncompressed_checked_and_put_beside_mnist(site: tuple[Path, str], place: Path) -> None:
    folder, address = site
    write_zip(folder / "pens.zip", compressed(TEXT.encode()))
    seen: list[tuple[int, int]] = []
    assert not has_uci_pens()
    assert download_uci_pens(lambda received, total: seen.append((received, total)), url=address + "pens.zip") == place
    assert seen[-1][0] == seen[-1][1] == (folder / "pens.zip").stat().st_size
    assert load_pens_by_name("uci").donors.tolist() == ["w12", "w3"]
    assert [file.name for file in place.parent.iterdir()] == [place.name]


def test_a_long_text_survives_the_compression_whose_codes_grow() -> None:
    """The codes of a .Z file grow from 9 to 16 bits, and the real one uses all of them."""
    import io

    import uncompresspy

    text = "".join(f"{number * 7919 % 501:5} {number * 104729 % 499:5}\n" for number in range(40_000)).encode()
    with uncompresspy.open(io.BytesIO(compressed(text))) as file:
        assert file.read() == text


@pytest.mark.parametrize(
    ("content", "member"),
    [
        (compressed(TEXT.replace("190", "191").encode()), UCI_MEMBER),
        (compressed(TEXT.encode())[:-60], UCI_MEMBER),
        (b"", UCI_MEMBER),
        (TEXT.encode(), UCI_MEMBER),
        (compressed(b"\xff\xfe"), UCI_MEMBER),
        (compressed(TEXT.encode()), "pendigits-orig.tes.Z"),
    ],
)
def test_other_strokes_and_damaged_files_are_refused_and_leave_nothing(
    site: tuple[Path, str], place: Path, content: bytes, member: str
) -> None:
    folder, address = site
    write_zip(folder / "pens.zip", content, member)
    with pytest.raises(DatasetError, match=r"could not be downloaded.*UCI_PENS_NPZ"):
        download_uci_pens(url=address + "pens.zip")
    assert not place.parent.exists()


@pytest.mark.parametrize("file", ["nowhere.zip", "page.zip"])
def test_without_the_zip_file_the_message_names_the_remedies(site: tuple[Path, str], place: Path, file: str) -> None:
    folder, address = site
    (folder / "page.zip").write_text("<html>please log in</html>")
    with pytest.raises(DatasetError, match=rf"{file}.*Check the network.*UCI_PENS_NPZ"):
        download_uci_pens(url=address + file)
    assert not place.parent.exists()


def test_a_file_of_other_strokes_is_not_taken_for_the_usual_ones_but_may_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.npz"
    save_pen_digits(parse_unipen(TEXT).by_donors(["w3"]), path)
    monkeypatch.setenv("UCI_PENS_NPZ", str(path))
    assert uci_pens_path() == path
    with pytest.raises(DatasetError, match=r"mine\.npz holds other pen strokes.*--pens"):
        load_pens_by_name("uci")
    assert load_pens_by_name(str(path)).labels.tolist() == [7]


def test_absent_strokes_are_an_error_that_names_the_command() -> None:
    with pytest.raises(DatasetError, match="digit-duel download --pens"):
        load_pens_by_name("uci")
    with pytest.raises(DatasetError, match=r"mine\.npz"):
        load_pens_by_name("mine.npz")


def test_the_copy_on_this_machine_has_the_digest_and_thirty_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.conftest import DATA

    path = DATA / "pen_digits_uci.npz"
    if not path.is_file():
        pytest.skip(f"there are no pen digits at {path}")
    monkeypatch.undo()
    pen = load_pen_digits(path)
    assert pen.digest() == pen_sources.UCI_DIGEST
    assert (len(pen), len(set(pen.donors.tolist()))) == (7494, 30)
