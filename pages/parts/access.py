"""Who the visitor of a page is, what that person may do, and the place for signing in.

On an open server everybody may do everything, and nothing of this is seen.
"""

import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TypeVar

import streamlit as st

from mnist_core.access.acts import Acts
from mnist_core.access.acts import do as checked_do
from mnist_core.access.announcement import in_words, without_writing
from mnist_core.access.audit import AuditLog, DatabaseAuditLog
from mnist_core.access.modes import Mode, is_stated, mode_at
from mnist_core.access.roles import EVERYBODY, VISITOR, Action, Person, may
from mnist_core.access.sign_in import Attempts, KeyRefusedError, keys, person_with_email
from mnist_core.errors import AccessError, ConfigError
from mnist_core.jobs.estimates import Estimates
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.folders import runs_folder
from pages.parts.messages import as_markdown, show_error

PERSON, REFUSED, KEY = "access_person", "access_refused", "access_key"
"""Keys of the session's state: who has signed in with a key, why the last key was refused, and the field for it."""

SIGNS_OF_A_PROXY = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
"""Headers of a request that came through a proxy, and so from another machine than this one, perhaps."""

Result = TypeVar("Result")


def mode() -> Mode:
    """The mode of this server for this visitor.

    A server that listens on this machine alone is open. Unless that is stated, it is public for whoever comes through
    a proxy.
    """
    try:
        found = mode_at(st.get_option("server.address"))
    except ConfigError:
        return Mode.PUBLIC
    comes_through_proxy = any(name in st.context.headers for name in SIGNS_OF_A_PROXY)
    return Mode.PUBLIC if comes_through_proxy and not is_stated() else found


def person() -> Person:
    """Who this visitor is at this moment."""
    if mode() is Mode.OPEN:
        return EVERYBODY
    signed_in = st.session_state.get(PERSON)
    if isinstance(signed_in, Person):
        return signed_in
    return _signed_in_by_provider() or VISITOR


def allowed(action: Action, *, started_by: str = "") -> bool:
    """Whether this visitor may do something. started_by: the identity of who started the training or run."""
    return may(person(), action, started_by=started_by)


def acts(queue: JobQueue, estimates: Estimates) -> Acts:
    """What this visitor does. To be called at the moment of doing it, because the visitor may have signed out."""
    return Acts(person(), queue, estimates, log=audit_log())


def do(action: Action, change: Callable[[], Result], *, subject: str) -> Result:
    """Make a change that this visitor may make, and record it, see `mnist_core.access.acts.do`. Raises AccessError."""
    return checked_do(person(), action, change, subject=subject, log=audit_log())


def audit_log() -> AuditLog | None:
    """Where it is kept what was done. On an open server, where everybody is anybody, nothing is kept."""
    return None if mode() is Mode.OPEN else DatabaseAuditLog()


def show_note(doing: str, *, run_your_own: bool = False) -> None:
    """Say what is not possible here, and why. doing: after "Its owner can". run_your_own: whether to say how."""
    st.markdown(f":material/lock: **This server is public.** Its owner can {doing}.")
    if run_your_own:
        st.markdown("On your own machine you can do everything. In a copy of the project, two commands start it:")
        st.code("pip install .\ndigit-duel run", language=None)


def show_read_only_note() -> None:
    """Say what is not possible where the server may not write to its folder of runs."""
    st.markdown(
        ":material/lock: **This server may only read its files.** Nothing can be trained, renamed or deleted here. "
        "Drawing, exploring and comparing work as on any other."
    )


def show_sign_in() -> None:
    """Show who has signed in, or the place for it. Nothing appears on an open server, or where nobody can sign in."""
    if mode() is Mode.OPEN:
        return
    if (who := person()) is not VISITOR:
        _show_signed_in(who)
    elif can_sign_in():
        with st.expander("Sign in", icon=":material/key:", key="access_box", expanded=REFUSED in st.session_state):
            _show_ways()


def can_sign_in() -> bool:
    """Whether there is any way to sign in."""
    return has_provider() or bool(_keys())


def has_provider() -> bool:
    """Whether an OpenID provider is configured, in the section [auth] of Streamlit's secrets, and can be used."""
    return "is_logged_in" in st.user and find_spec("authlib") is not None


def announce() -> None:
    """Print the mode of this server, and how to sign in. To be called when the server starts.

    Ends the server if one of the environment variables has an impossible value.
    """
    try:
        print(in_words(st.get_option("server.address")), flush=True)
    except ConfigError as error:
        sys.exit(f"error: {error}")
    if note := without_writing(runs_folder()):
        print(note, flush=True)


def _show_signed_in(who: Person) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="access_signed_in"):
        st.caption(f":material/person: Signed in as {as_markdown(who.in_words)}")
        if st.button("Sign out", key="access_sign_out", type="tertiary"):
            if isinstance(st.session_state.pop(PERSON, None), Person):
                DatabaseAuditLog().record(who, "sign out")
                st.rerun()
            DatabaseAuditLog().record(who, "sign out")
            st.logout()


def _show_ways() -> None:
    if has_provider() and st.button("Sign in with your account", key="access_provider", icon=":material/login:"):
        st.login()
    if st.user.get("is_logged_in"):
        st.caption("Your account has no role on this server. Ask its owner to list your verified e-mail address.")
    if not _keys():
        return
    with st.form("access_form", border=False):
        st.text_input("Key", type="password", key=KEY, max_chars=200, autocomplete="current-password")
        st.form_submit_button("Sign in", key="access_sign_in", on_click=_sign_in)
    if refused := st.session_state.pop(REFUSED, None):
        show_error(refused)


def _sign_in() -> None:
    """Take the key from the field, which is emptied."""
    key = str(st.session_state.get(KEY, ""))
    st.session_state[KEY] = ""
    address = str(st.context.ip_address or "")
    try:
        signed_in = _attempts().sign_in(key, address=address)
    except AccessError as error:
        st.session_state[REFUSED] = str(error)
        if isinstance(error, KeyRefusedError):  # the others were not compared, and would fill the log
            DatabaseAuditLog().record(VISITOR, "sign-in refused", subject=address)
        return
    st.session_state[PERSON] = signed_in
    DatabaseAuditLog().record(signed_in, "sign in", subject=address)


def _signed_in_by_provider() -> Person | None:
    """Whose e-mail address an OpenID provider has verified; None if nobody's that is listed."""
    if not st.user.get("is_logged_in") or st.user.get("email_verified") is not True:
        return None
    found = person_with_email(str(st.user.get("email", "")))
    if found and not st.session_state.get("access_noted"):
        st.session_state.access_noted = True
        DatabaseAuditLog().record(found, "sign in")
    return found


def _keys() -> bool:
    try:
        return bool(keys())
    except ConfigError:
        return False


@cache
def _attempts() -> Attempts:
    """One object for all sessions of this server."""
    return Attempts()
