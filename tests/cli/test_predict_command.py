"""`digit-duel predict`."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.cli import main as cli
from mnist_core.cli import predict_command
from mnist_core.data.pictures import from_picture, open_picture
from mnist_core.metrics.entropy import normalised_entropy
from mnist_core.models.classifier import Classifier
from tests.conftest import three
from tests.photographed import on_paper


@pytest.fixture
def cross(tmp_path: Path) -> Path:
    """A picture of a hash sign, which is no digit."""
    pixels = np.full((200, 200), 255, np.uint8)
    for place in (60, 130):
        pixels[20:180, place : place + 8] = pixels[place : place + 8, 20:180] = 0
    path = tmp_path / "cross.png"
    Image.fromarray(pixels).save(path)
    return path


def test_predict_predicts_a_picture_with_both_models(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predict", str(picture)]) == 0
    output = capsys.readouterr().out
    assert "mlp-robust predicts 3 (> 99.9 %)" in output
    assert "cnn-robust predicts 3 (> 99.9 %)" in output
    assert "may be no digit" not in output


def test_predict_speaks_json_and_goes_on_after_a_bad_picture(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predict", "--json", "nowhere.png", str(picture), "--run", "cnn-specified"]) == 1
    captured = capsys.readouterr()
    bad, good = json.loads(captured.out)
    assert "cannot be read" in bad["error"]
    assert "nowhere.png" in captured.err
    assert good["predictions"]["cnn-specified"]["digit"] == 3
    assert sum(good["predictions"]["cnn-specified"]["probabilities"]) == pytest.approx(1, abs=1e-4)


def test_predict_reads_standard_input(
    picture: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(picture.read_bytes())))
    assert cli.main(["predict", "-"]) == 0
    assert "predicts 3" in capsys.readouterr().out


def test_predict_says_what_may_be_no_digit_in_text_and_json(
    cross: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["predict", str(cross)]) == 0
    assert "may be no digit (normalised entropy 0." in capsys.readouterr().out
    assert cli.main(["predict", str(cross), str(picture), "--json"]) == 0
    strange, digit = json.loads(capsys.readouterr().out)
    assert (strange["may_be_no_digit"], digit["may_be_no_digit"]) == (True, False)
    assert strange["entropy"] > strange["entropy_threshold"] > digit["entropy"] >= 0
    each = [np.array(one["probabilities"]) for one in strange["predictions"].values()]
    assert strange["entropy"] == pytest.approx(float(normalised_entropy(*each)))


def test_runs_that_never_learned_what_is_no_digit_do_not_say(cross: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predict", str(cross), "--run", "cnn-specified", "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert (answer["entropy_threshold"], answer["may_be_no_digit"]) == (None, None)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_each_result_is_printed_before_the_next_picture_is_opened(
    options: list[str], picture: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []
    opened = predict_command.open_picture

    def noting(data: bytes) -> Image.Image:
        printed.append(capsys.readouterr().out)
        return opened(data)

    monkeypatch.setattr(predict_command, "open_picture", noting)
    assert cli.main(["predict", str(picture), str(picture), *options]) == 0
    assert printed[0] == ""
    assert "cnn-robust" in printed[1]
    if options:
        assert len(json.loads("".join(printed) + capsys.readouterr().out)) == 2


def test_the_saved_digit_is_what_the_models_got(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = picture.with_name("seen.png")
    assert cli.main(["predict", str(picture), "--save-digit", str(target), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert answer["saved"] == str(target)
    with Image.open(target) as saved:
        pixels = np.asarray(saved)
    assert (pixels.shape, pixels.dtype) == ((28, 28), np.uint8)
    digit = from_picture(open_picture(picture.read_bytes()))
    assert np.abs(pixels / 255 - digit).max() <= 0.5 / 255 + 1e-6
    run = Path("trained_models/cnn-robust/model.tflite")
    assert (
        Classifier(run).predict(pixels.astype(np.float32) / 255).digit == answer["predictions"]["cnn-robust"]["digit"]
    )


def test_the_digits_of_several_pictures_go_into_a_folder(picture: Path, cross: Path) -> None:
    folder, other = picture.with_name("digits"), picture.with_name("other")
    other.mkdir()
    again = other / picture.name
    again.write_bytes(picture.read_bytes())
    assert cli.main(["predict", str(picture), str(cross), str(again), "--save-digit", str(folder)]) == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["cross-28x28.png", "three-28x28-2.png", "three-28x28.png"]


def test_saving_never_overwrites_a_picture_and_says_what_to_name(
    picture: Path, cross: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = picture.read_bytes()
    assert cli.main(["predict", str(picture), "--save-digit", str(picture)]) == 1
    assert "would overwrite the picture" in capsys.readouterr().err
    assert picture.read_bytes() == before
    assert cli.main(["predict", str(picture), str(cross), "--save-digit", "one.png"]) == 1
    assert "Name a folder instead" in capsys.readouterr().err
    assert cli.main(["predict", str(picture), "--save-digit", str(picture / "nowhere" / "x.png")]) == 1
    assert "cannot be saved" in capsys.readouterr().err


@pytest.fixture
def number(tmp_path: Path) -> Path:
    """A picture of the number 33."""
    path = tmp_path / "number.png"
    on_paper([*three(120, left=80, top=100), *three(120, left=280, top=110)]).save(path)
    return path


def test_a_number_is_predicted_digit_by_digit_with_the_place_of_each(
    number: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["predict", str(number)]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert "mlp-robust predicts 33   cnn-robust predicts 33" in first
    assert len(lines) == 2
    assert all(" across, " in line and "cnn-robust predicts 3 (" in line for line in lines)


def test_the_json_of_a_number_has_a_box_for_each_digit(
    number: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = number.with_name("saved")
    assert cli.main(["predict", str(number), str(picture), "--json", "--save-digit", str(saved)]) == 0
    two, one = json.loads(capsys.readouterr().out)
    assert two["numbers"] == {"mlp-robust": "33", "cnn-robust": "33"}
    assert [each["predictions"]["cnn-robust"]["digit"] for each in two["digits"]] == [3, 3]
    (left, _, right, _), (next_left, top, next_right, bottom) = (each["box"] for each in two["digits"])
    assert 0 < left < right < next_left < next_right < 1
    assert 0 < top < bottom < 1
    assert "predictions" not in two
    assert one["numbers"]["cnn-robust"] == "3"
    assert one["digits"][0]["predictions"] == one["predictions"]
    with Image.open(two["saved"]) as digits:
        assert digits.size == (56, 28)
