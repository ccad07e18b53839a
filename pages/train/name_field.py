"""The field for a run's name. What is typed becomes a possible name at once, and a problem stands below the field."""

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.runs.names import made_valid
from mnist_core.runs.store import check_free
from pages.parts.messages import show_error, visitor_text
from pages.train import shared_jobs


def show_name_field(label: str, *, key: str, own: str = "", placeholder: str = "", in_link: bool = False) -> bool:
    """Show the field, and below it why the name cannot be had. Whether it can.

    own: the name that the run has now, which it may keep. placeholder: the name of a run for which none is given.
    in_link: whether the name is in the address.
    """
    typed = str(st.session_state.get(key, st.query_params.get(key, own) if in_link else own))
    name = made_valid(typed)
    if name != typed:
        if in_link and key not in st.session_state:
            st.query_params[key] = name
            st.rerun()  # a field takes its first value from the address with which a run of the script began
        st.session_state[key] = name
    st.text_input(
        label,
        own,
        key=key,
        bind="query-params" if in_link else None,
        max_chars=200,
        placeholder=placeholder,
        help="Small letters, digits, '.', '_' and '-'. Anything else is replaced at once.",
    )
    problem = "" if name in ("", own) else problem_with(name)
    if problem:
        show_error(problem)
    elif typed.strip() and name != typed.strip():
        st.caption(
            f":material/edit: Made a possible name: {name}."
            if name
            else ":material/edit: A name needs a letter a to z or a digit."
        )
    return not problem


def problem_with(name: str) -> str:
    """Why no new run can have this name; empty if it can."""
    try:
        if any(job.active and job.name == name for job in shared_jobs.queue().jobs()):
            return f"A training named {name} is in the queue already. Choose another name."
        check_free(name)
    except DigitDuelError as error:
        return visitor_text(error)
    return ""
