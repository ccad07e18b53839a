"""MNIST is fetched beside everything else: shared, followed, stopped."""

import threading
from pathlib import Path

import pytest

from mnist_core.data import mnist_sources
from mnist_core.data.datasets import Progress
from mnist_core.data.downloads import DONE, FAILED, RUNNING, STOPPED, Downloads
from mnist_core.errors import DatasetError


class Source:
    """A source that gives a piece whenever the test lets it."""

    def __init__(self) -> None:
        self.calls = 0
        self.pieces = threading.Semaphore(0)
        self.told = threading.Semaphore(0)

    def fetch(self, progress: Progress) -> None:
        self.calls += 1
        for piece in range(1, 5):
            assert self.pieces.acquire(timeout=10)
            progress(piece * 25, 100)
            self.told.release()

    def give(self, count: int = 1) -> None:
        for _ in range(count):
            self.pieces.release()
            self.told.acquire(timeout=1)


def test_two_who_ask_at_once_share_one_download() -> None:
    source = Source()
    downloads = Downloads(source.fetch)
    first, second = downloads.start(), downloads.start()
    assert first is second is downloads.current
    source.give(4)
    first.wait(10)
    assert source.calls == 1
    assert second.progress.state == DONE
    assert downloads.current is None


def test_progress_tells_what_has_come() -> None:
    source = Source()
    download = Downloads(source.fetch).start()
    assert (download.progress.state, download.progress.fraction) == (RUNNING, 0.0)
    source.give(3)
    assert (download.progress.received, download.progress.total, download.progress.fraction) == (75, 100, 0.75)
    source.give()
    download.wait(10)


def test_a_stop_counts_at_once_and_ends_the_thread_with_the_next_piece() -> None:
    source = Source()
    downloads = Downloads(source.fetch)
    download = downloads.start()
    source.give()
    download.stop()
    assert download.progress.state == STOPPED
    assert downloads.current is None
    source.pieces.release()
    download.wait(10)
    assert not download._thread.is_alive()
    assert download.progress.state == STOPPED


def test_after_a_stop_one_can_start_again_though_the_old_thread_still_hangs() -> None:
    source, again = Source(), Source()
    sources = iter((source, again))
    downloads = Downloads(lambda progress: next(sources).fetch(progress))
    first = downloads.start()
    source.give()
    first.stop()
    second = downloads.start()
    assert second is not first
    again.give(4)
    second.wait(10)
    assert (first.progress.state, second.progress.state) == (STOPPED, DONE)
    source.pieces.release()
    first.wait(10)


def test_a_failure_is_told_and_the_next_attempt_is_a_new_one() -> None:
    def fetch(progress: Progress) -> None:
        raise DatasetError("There is no network. Check it.")

    downloads = Downloads(fetch)
    download = downloads.start()
    download.wait(10)
    assert (download.progress.state, download.progress.message) == (FAILED, "There is no network. Check it.")
    assert downloads.start() is not download


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_else_happens_nobody_waits_for_ever() -> None:
    def fetch(progress: Progress) -> None:
        raise ZeroDivisionError

    download = Downloads(fetch).start()
    download.wait(10)
    assert download.progress.state == FAILED
    assert "log" in download.progress.message


def test_stopping_the_real_download_leaves_no_file_and_does_not_turn_to_the_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    fetched, go = [], threading.Event()

    def slow(url: str, progress: Progress) -> None:
        fetched.append(url)
        progress(1, 100)
        assert go.wait(10)
        progress(2, 100)

    monkeypatch.setattr(mnist_sources, "_fetch_npz", slow)
    monkeypatch.setattr(mnist_sources, "_fetch_idx", slow)
    download = Downloads().start()
    download.stop()
    go.set()
    download.wait(10)
    assert fetched == [mnist_sources.MNIST_NPZ_URL]
    assert list(tmp_path.rglob("*")) == []
