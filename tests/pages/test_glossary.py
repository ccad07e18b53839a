"""The words of the field: each is explained in one line, and an unknown one is an error."""

import pytest

from pages.parts.glossary import SENTENCES, as_help, meanings


def test_each_word_of_the_field_is_explained_in_a_line() -> None:
    assert {"MLP", "CNN", "robust", "specified", "epoch", "loss"} <= set(SENTENCES)
    assert all(len(sentence) <= 140 and sentence.endswith(".") for sentence in SENTENCES.values())


def test_help_holds_the_words_in_the_order_asked_for() -> None:
    assert as_help("loss", "epoch") == f"**loss**: {SENTENCES['loss']}\n\n**epoch**: {SENTENCES['epoch']}"


def test_a_word_without_an_explanation_is_an_error() -> None:
    with pytest.raises(KeyError):
        meanings("entropy")
