"""Checks the page's address before any widget takes a value from it."""

import math

import streamlit as st

from pages.parts.cached_runs import all_runs


def drop_impossible_numbers() -> None:
    """Remove numbers that are not finite from the address. 1e400 is infinite, and Streamlit's number fields would
    end the page with a traceback.
    """
    impossible = [name for name in st.query_params if _is_impossible(st.query_params.get_all(name))]
    for name in impossible:
        del st.query_params[name]
    if impossible:
        st.rerun()  # fields take their first values from the address with which a run of the script began


def _is_impossible(values: list[str]) -> bool:
    """Whether these are numbers, not all of them finite. A run may be called inf."""
    try:
        finite = all(math.isfinite(float(value)) for value in values)
    except ValueError:
        return False
    return not finite and not any(value in all_runs() for value in values)
