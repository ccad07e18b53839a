"""McNemar's test, against scipy's binomial test."""

import numpy as np
import pytest
from scipy.stats import binomtest

from mnist_core.metrics.significance import binomial_p, mcnemar, p_in_words, verdict


@pytest.mark.parametrize(
    ("one", "other"), [(1, 0), (3, 1), (0, 5), (10, 10), (23, 61), (100, 60), (191, 2), (5000, 4800), (0, 10_000)]
)
def test_p_is_scipy_s(one: int, other: int) -> None:
    expected = binomtest(one, one + other, 0.5).pvalue
    assert binomial_p(one, other) == pytest.approx(expected, rel=1e-7, abs=1e-300)
    assert binomial_p(other, one) == binomial_p(one, other)


def test_no_disagreement_is_no_difference() -> None:
    same = np.array([True, False, True])
    result = mcnemar(same, same)
    assert (result.both, result.only_left, result.only_right, result.neither, result.p) == (2, 0, 0, 1, 1.0)
    assert not result.differs
    assert "exactly the same digits" in verdict(result, "a", "b")


def test_the_four_counts_cover_all_digits() -> None:
    random = np.random.default_rng(0)
    left, right = random.random(1000) < 0.9, random.random(1000) < 0.8
    result = mcnemar(left, right)
    assert result.both + result.only_left == left.sum()
    assert result.both + result.only_right == right.sum()
    assert result.both + result.only_left + result.only_right + result.neither == 1000


def test_the_verdict_names_the_better_one_first_and_says_whether_it_is_certain() -> None:
    clear = mcnemar(np.repeat([True, False, True], [5, 30, 900]), np.repeat([False, True, True], [5, 30, 900]))
    assert verdict(clear, "mlp", "cnn") == (
        "Yes, they differ. Only cnn is correct on 30 digits, only mlp on 5. "
        "If they were equally good, such an uneven split would be unlikely (p < 0.0001)."
    )
    close = mcnemar(np.repeat([True, False], [9, 5]), np.repeat([False, True], [9, 5]))
    assert verdict(close, "mlp", "cnn").startswith("Not for certain. Only mlp is correct on 9 digits, only cnn on 5.")
    assert close.p == pytest.approx(binomtest(5, 14).pvalue)


def test_p_is_written_as_papers_write_it() -> None:
    assert [p_in_words(p) for p in (1e-30, 0.00099, 0.049, 0.0512, 0.424, 1.0)] == [
        "p < 0.0001",
        "p = 0.00099",
        "p = 0.049",
        "p = 0.051",
        "p = 0.42",
        "p = 1",
    ]
