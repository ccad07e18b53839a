"""What was done on a public server, for its owner."""

import pandas as pd
import streamlit as st

from mnist_core.access.roles import Action
from mnist_core.errors import DatabaseError
from pages.parts.access import allowed, audit_log
from pages.parts.messages import show_error


def show_audit() -> None:
    """Show the latest entries of the audit log. Nothing appears for others than the owner, or on an open server."""
    log = audit_log()
    if log is None or not allowed(Action.SEE_AUDIT):
        return
    with st.expander("What was done on this server", icon=":material/history:", key="train_audit"):
        try:
            entries = log.last()
        except DatabaseError as error:
            show_error(error)
            return
        if not entries:
            st.caption("Nothing yet.")
            return
        rows = [(entry.at, entry.name or entry.role, entry.action, entry.subject) for entry in entries]
        st.dataframe(pd.DataFrame(rows, columns=["when (UTC)", "who", "what", "of"]), hide_index=True)
