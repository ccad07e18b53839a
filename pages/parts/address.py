"""What the address bar asks for, before any widget reads it."""

import math

import streamlit as st

from pages.parts.run_picker import all_runs


def drop_impossible_numbers() -> None:
    """Leave out what Streamlit's number fields cannot take from an address: 1e400 is infinite, and they would end the page with a traceback."""
    impossible = [name for name in st.query_params if _impossible(st.query_params.get_all(name))]
    for name in impossible:
        del st.query_params[name]
    if impossible:
        st.rerun()  # the fields take their first values from the address with which a run of the script began


def _impossible(values: list[str]) -> bool:
    """Whether these are numbers, but not all finite; a run may be called inf."""
    try:
        finite = all(math.isfinite(float(value)) for value in values)
    except ValueError:
        return False
    return not finite and not any(value in all_runs() for value in values)
