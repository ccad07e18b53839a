"""The offer to fetch MNIST, as every page shows it that needs the data set."""

import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data.datasets import Progress
from mnist_core.data.downloads import Downloads
from mnist_core.errors import DatasetError
from pages.parts import download_offer


def script() -> None:
    import streamlit as st

    from pages.parts.download_offer import offer_download

    offer_download("test")
    st.write("The rest of the page.")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without MNIST."""
    monkeypatch.delenv("MNIST_NPZ", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path / "datasets" / "mnist.npz"


def words(page: AppTest) -> str:
    return " ".join(element.value for element in (*page.markdown, *page.caption, *page.error))


def test_where_mnist_is_there_is_nothing_to_offer(home: Path) -> None:
    home.parent.mkdir()
    home.touch()
    page = AppTest.from_function(script).run()
    assert words(page) == "The rest of the page."
    assert not page.button


def test_the_offer_names_the_size_and_leaves_the_page_usable(home: Path) -> None:
    page = AppTest.from_function(script).run()
    assert not page.exception
    assert "not on this machine" in words(page)
    assert "The rest of the page." in words(page)
    assert page.button(key="test_download_start").label == "Download, 11 MB"


def test_a_wrong_name_in_mnist_npz_is_told_and_nothing_is_downloaded_in_its_place(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_NPZ", "/nowhere/mnist.npz")
    page = AppTest.from_function(script).run()
    assert "/nowhere/mnist.npz" in words(page)
    assert not page.button


def test_two_visitors_follow_one_download_and_either_can_stop_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go, calls = threading.Event(), []

    def fetch(progress: Progress) -> None:
        calls.append(1)
        progress(3_000_000, 11_000_000)
        assert go.wait(20)
        progress(11_000_000, 11_000_000)

    downloads = Downloads(fetch)
    monkeypatch.setattr(download_offer, "_downloads", lambda: downloads)
    first, second = AppTest.from_function(script).run(), AppTest.from_function(script).run()
    first.button(key="test_download_start").click().run()
    second.button(key="test_download_start").click().run()
    assert len(calls) == 1
    assert "The rest of the page." in words(second)
    second.button(key="test_download_stop").click().run()
    first.run()
    for page in (first, second):
        assert not page.exception
        assert "stopped, and nothing of it was kept" in words(page)
        assert page.button(key="test_download_start")
    go.set()


def test_when_it_has_come_the_offer_goes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(progress: Progress) -> None:
        home.parent.mkdir()
        home.touch()

    downloads = Downloads(fetch)
    monkeypatch.setattr(download_offer, "_downloads", lambda: downloads)
    page = AppTest.from_function(script).run()
    page.button(key="test_download_start").click().run()
    assert downloads._current is not None
    downloads._current.wait(10)
    page.run()
    assert words(page) == "The rest of the page."


def test_a_failure_is_told_with_its_remedy_and_can_be_tried_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(progress: Progress) -> None:
        raise DatasetError("MNIST could not be downloaded. Check the network.")

    downloads = Downloads(fetch)
    monkeypatch.setattr(download_offer, "_downloads", lambda: downloads)
    page = AppTest.from_function(script).run()
    page.button(key="test_download_start").click().run()
    assert downloads._current is not None
    downloads._current.wait(10)
    page.run()
    assert "Check the network." in words(page)
    assert page.button(key="test_download_start")
