"""What the address bar asks for, before any widget reads it."""

import math

import streamlit as st

from pages.parts.runs import all_runs


def drop_impossible_numbers() -> None:
    """Leave out what Streamlit's number fields cannot take from an address: 1e400 is infinite, and they would end the page with a traceback."""
    impossible = False
    for name in list(st.query_params):
        try:
            numbers = [float(value) for value in st.query_params.get_all(name)]
        except ValueError:
            continue
        named = any(value in all_runs() for value in st.query_params.get_all(name))  # a run may be called inf
        if not all(map(math.isfinite, numbers)) and not named:
            del st.query_params[name]
            impossible = True
    if impossible:
        st.rerun()  # the fields take their first values from the address with which a run of the script began
