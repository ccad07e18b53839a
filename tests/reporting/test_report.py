"""The report: one file that needs nothing else, whole or not there, with the figures of the runs."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from mnist_core.cli import main as cli
from mnist_core.distortions.corruptions import CORRUPTIONS
from mnist_core.errors import ReportError
from mnist_core.formatting import percent
from mnist_core.reporting import report
from mnist_core.runs.corruption_results import FILE, write_corruption_results
from mnist_core.runs.store import load_run
from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.sweep_runner import SweepRunner
from tests.conftest import ROOT
from tests.runs.made_up_results import made_up_results
from tests.sweeps.sweeps_on_disk import Launches, plan


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, whose runs are copies of three shipped ones."""
    for name in ("mlp-specified", "cnn-specified", "mlp-robust"):
        shutil.copytree(ROOT / "trained_models" / name, tmp_path / "runs" / name)
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Reader(HTMLParser):
    """Every element that could ask another host for something, and whether all elements are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.asks: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br", "img", "link", "input"}:
            self.open.append(tag)
        self.asks += [tag] * (tag in {"script", "link", "img", "iframe", "object", "embed", "image"})
        self.asks += [
            value
            for name, value in attrs
            if value and name in {"src", "href", "xlink:href"} and not value.startswith("#")
        ]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.slow
def test_the_report_is_one_file_that_asks_nothing_of_anybody(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "mlp-specified", "cnn-specified", "--out", "comparison.html"]) == 0
    assert "Written to comparison.html." in capsys.readouterr().out
    html = (folder / "comparison.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(html)
    assert reader.asks == []
    assert reader.open == []
    assert not re.findall(r"url\((?!['\"]?(?:data:|#))", html)
    assert "@import" not in html
    assert [path.name for path in folder.iterdir() if path.is_file()] == ["comparison.html"]


def test_the_report_tells_what_the_runs_hold(folder: Path) -> None:
    assert cli.main(["report", "cnn-specified", "mlp-specified", "cnn-specified"]) == 0
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "<h1>Digit Duel: cnn-specified, mlp-specified</h1>" in html  # in the order given, each once
    accuracies = [f"{load_run(name).test.fraction * 100:.2f} %" for name in ("cnn-specified", "mlp-specified")]
    for text in (
        *accuracies,
        "406,528",
        "7.60 million",
        "Learning rate",
        "a01671389766172d",
        "tensorflow 2.21",
        "LeCun",
        "p &lt; 0.0001",
    ):
        assert text in html, text
    assert html.count("<div class='matrix'>") == 2
    assert "role='img' aria-label='Loss against epochs. cnn-specified: 12 epochs" in html


def test_its_json_holds_the_same_figures_as_scikit_learn_and_scipy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", "--json", "mlp-specified", "cnn-specified", "mlp-robust"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert not (folder / "report.html").exists()
    correct = {}
    for run in figures["runs"]:
        stored = np.load(folder / "runs" / run["run"] / "test_predictions.npz")
        predicted = stored["probabilities"].argmax(axis=1)
        correct[run["run"]] = predicted == stored["labels"]
        assert run["confusion_matrix"] == confusion_matrix(stored["labels"], predicted).tolist()
        assert run["measured"]["shifted"]["0"]["count"] == 1000
    assert len(figures["mcnemar"]) == 3
    for pair in figures["mcnemar"]:
        left, other = correct[pair["left"]], correct[pair["right"]]
        assert pair["only_left_correct"] == (left & ~other).sum()
        assert pair["p"] == pytest.approx(
            binomtest(pair["only_left_correct"], pair["only_left_correct"] + pair["only_right_correct"]).pvalue,
            rel=1e-7,
            abs=1e-300,
        )


def test_an_unknown_or_damaged_run_stops_the_report_before_anything_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "report.html").write_text("the old one")
    assert cli.main(["report", "mlp-specified", "nobody"]) == 1
    assert "There is no run 'nobody'" in capsys.readouterr().err
    (folder / "runs" / "cnn-specified" / "test_predictions.npz").write_bytes(b"x")
    assert cli.main(["report", "mlp-specified", "cnn-specified"]) == 1
    assert "test_predictions.npz of the run 'cnn-specified' is damaged" in capsys.readouterr().err
    assert (folder / "report.html").read_text() == "the old one"


def test_a_report_that_cannot_be_written_leaves_the_old_one_and_no_traces(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = folder / "report.html"
    old.write_text("the old one")

    def full(self: Path, text: str, **options: object) -> int:
        with self.open("w") as file:
            file.write(text[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ReportError, match="No space left on device"):
        report.write("<!doctype html> the new one", old)
    monkeypatch.undo()
    assert old.read_text() == "the old one"
    assert [path.name for path in folder.iterdir() if path.is_file()] == ["report.html"]


def test_a_place_where_nothing_can_be_written_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "mlp-specified", "--out", "nowhere/report.html"]) == 1
    assert "cannot be written to nowhere/report.html (No such file or directory)" in capsys.readouterr().err
    assert cli.main(["report", "mlp-specified", "--out", str(folder)]) == 1
    assert "Name an .html file" in capsys.readouterr().err


def test_runs_tested_on_other_digits_are_not_held_against_each_other(folder: Path) -> None:
    path = folder / "runs" / "cnn-specified" / "run.json"
    path.write_text(path.read_text().replace('"digest": "a0', '"digest": "b1'))
    assert cli.main(["report", "mlp-specified", "cnn-specified"]) == 0
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "cannot be compared digit by digit" in html
    assert "their accuracies do not compare" in html


@pytest.mark.slow
def test_the_report_shows_robustness_where_it_is_measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["mlp-specified", "cnn-specified"]
    for path in folder.glob(f"runs/*/{FILE}"):
        path.unlink()
    assert "<h2>Robustness</h2>" not in report.build(report.compare([load_run(name) for name in names]))
    results = made_up_results(10_000)
    write_corruption_results(load_run("cnn-specified"), results)
    html = report.build(report.compare([load_run(name) for name in names]))
    table = html.split("<h2>Robustness</h2>")[1].split("</table>")[0]
    assert f">{percent(results.fraction('fog'), digits=1)}</b>" in table
    assert "<button" not in table
    assert "not measured" in table
    assert cli.main(["report", *names, "--json"]) == 0
    mlp, cnn = json.loads(capsys.readouterr().out)["runs"]
    assert (mlp["corruptions"], mlp["corrupted"]) == (None, None)
    assert cnn["corruptions"] == pytest.approx(results.mean.fraction)
    assert cnn["corrupted"]["incorrect"]["fog"] == results.counts[list(CORRUPTIONS).index("fog")].tolist()


@pytest.mark.slow
def test_the_report_includes_sweeps_with_their_chart_and_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep_store.create_sweep("how-long", plan("epochs=1,2", seeds=(1, 2)))
    SweepRunner("how-long", Launches(folder / "runs")).run()
    assert cli.main(["report", "mlp-specified", "--sweep", "how-long"]) == 0
    text = (folder / "report.html").read_text()
    assert "<h2>Sweep how-long</h2>" in text
    assert "4 of 4 trainings are finished" in text
    reader = Reader()
    reader.feed(text)
    assert (reader.asks, reader.open) == ([], [])
    capsys.readouterr()
    assert cli.main(["report", "how-long/mlp-epochs-2-seed-1", "--sweep", "how-long", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["sweeps"][0]["results"]) >= {"mlp-epochs-1-seed-1", "mlp-epochs-2-seed-2"}
    assert told["runs"][0]["run"] == "how-long/mlp-epochs-2-seed-1"
    assert cli.main(["report", "mlp-specified", "--sweep", "none"]) == 1
    assert "There is no sweep 'none'" in capsys.readouterr().err
