"""`digit-duel evaluate`."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.cli import main as cli
from mnist_core.data.preprocessing import from_strokes
from tests.conftest import three


def test_evaluate_measures_labelled_images(threes: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    path = threes(3, 3, 3, 5)
    assert cli.main(["evaluate", "mlp-specified", "cnn-specified", "--data", str(path), "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert [result["run"] for result in results] == ["mlp-specified", "cnn-specified"]
    for result in results:
        assert (result["incorrect"], result["count"]) == (1, 4)
        assert result["confusion"][5][3] == 1
        assert result["per_digit"]["3"]["accuracy"] == 1


def test_evaluate_draws_pen_digits_and_tells_donors_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stroke = (three(1000, 0, 0)[0]).round().astype(np.int16)
    np.savez(
        tmp_path / "pen.npz",
        points=np.concatenate([stroke, stroke]),
        stroke_offsets=np.array([0, len(stroke), 2 * len(stroke)]),
        digit_offsets=np.array([0, 1, 2]),
        labels=np.array([3, 3], np.uint8),
        donors=np.array(["ann", "bob"]),
    )
    command = ["evaluate", "cnn-specified", "--data", str(tmp_path / "pen.npz"), "--json"]
    assert cli.main(command) == 0
    first = capsys.readouterr().out
    assert set(json.loads(first)["results"][0]["per_donor"]) == {"ann", "bob"}
    assert json.loads(first)["results"][0]["incorrect"] == 0
    assert cli.main(command) == 0
    assert capsys.readouterr().out == first


def test_digits_that_do_not_occur_have_no_accuracy(
    threes: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", "cnn-specified", "--data", str(threes(3)), "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["results"][0]["per_digit"]) == ["3"]


def test_evaluate_prints_for_people(threes: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "cnn-specified", "--data", str(threes(3))]) == 0
    output = capsys.readouterr().out
    assert "100.00 % (0 incorrect of 1, 95 % interval" in output
    assert "What cnn-specified predicts" in output
    assert "Accuracy by digit" in output


@pytest.mark.parametrize("spelling", ["offline", "Offline"])
def test_evaluate_measures_the_offline_set_by_its_name(spelling: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "cnn-robust", "--data", spelling, "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert (output["data"], output["results"][0]["count"]) == ("offline", 360)


def test_as_drawn_prepares_pictures_like_drawings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digit = from_strokes(three())
    small = np.zeros((28, 28), np.float32)
    small[:14, :14] = digit.reshape(14, 2, 14, 2).mean(axis=(1, 3))  # half as large, in a corner
    np.savez(tmp_path / "small.npz", images=small[None], labels=[3])
    command = ["evaluate", "mlp-specified", "--data", str(tmp_path / "small.npz"), "--json"]
    assert cli.main(command) == 0
    as_it_is = json.loads(capsys.readouterr().out)
    assert cli.main([*command, "--as-drawn"]) == 0
    as_drawn = json.loads(capsys.readouterr().out)
    assert (as_it_is["as_drawn"], as_drawn["as_drawn"]) == (False, True)
    assert (as_it_is["results"][0]["incorrect"], as_drawn["results"][0]["incorrect"]) == (1, 0)


def test_pixels_in_a_wrong_range_are_an_error_that_names_the_range(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "bytes.npz", images=np.full((2, 28, 28), 255.0), labels=[3, 3])
    assert cli.main(["evaluate", "mlp-specified", "--data", str(tmp_path / "bytes.npz")]) == 1
    assert "255 to 255, expected 0" in capsys.readouterr().err


def test_evaluate_draws_the_surest_mistakes(
    threes: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", "cnn-specified", "--data", str(threes(3, 5, 8)), "--mistakes"]
    assert cli.main([*command, str(tmp_path / "mistakes.png")]) == 0
    with Image.open(tmp_path / "mistakes.png") as mistakes:
        assert mistakes.width == 1000
    assert cli.main([*command, str(tmp_path / "nowhere" / "mistakes.png")]) == 1
    assert cli.main([*command, str(tmp_path / "mistakes.xyz")]) == 1
    assert capsys.readouterr().err.count("cannot be written") == 2
