"""The server's memory stays bounded without a collection after every run."""

import gc
import time
import weakref

import pytest
import streamlit as st

from pages.parts import memory


class Cycle:
    """An object that only the garbage collector can free."""

    def __init__(self) -> None:
        self.itself = self


def test_streamlit_does_not_collect_after_every_run() -> None:
    assert st.get_option("runner.postScriptGC") is False


def test_garbage_is_collected_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SECONDS_BETWEEN_COLLECTIONS", 0.01)
    memory.keep_memory_bounded.forget()
    gc.disable()
    try:
        left_behind = weakref.ref(Cycle())
        memory.keep_memory_bounded()
        again = weakref.ref(Cycle())
        deadline = time.monotonic() + 10
        while (left_behind() or again()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert left_behind() is None
        assert again() is None
    finally:
        gc.enable()
        gc.unfreeze()


def test_one_thread_serves_all_visitors() -> None:
    assert memory.keep_memory_bounded() is memory.keep_memory_bounded()
