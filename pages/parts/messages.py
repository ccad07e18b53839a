"""Messages of errors as visitors may see them: plain text, without the folders of the server.

>>> visitor_text("There is no file /srv/demo/runs/mine/run.json. Train it again.")
'There is no file run.json. Train it again.'
>>> as_markdown("![x](http://example.org/a.png)")
'!\\\\[x\\\\](http://example.org/a.png)'
"""

import json
import logging
import re
import traceback
from pathlib import Path

import streamlit as st

from mnist_core.errors import DatabaseError, ReadOnlyError

_FOLDERS = re.compile(r"(?<![\w:/\\.])(?:[A-Za-z]:)?(?:[/\\][^\s/\\'\"<>|]+)*[/\\](?=[^\s/\\'\"<>|])")
"""The folders of an absolute path, up to and with the last separator. An address such as http://... is none."""

_SIGNS = re.compile(r"([\\`*\[\]<>$~#|]|(?<!\w)_|_(?!\w))")
"""What begins links, pictures, formulas, colours, code and emphasis in Markdown. A backslash before it ends that."""


def visitor_text(message: object) -> str:
    """The message without the folders of absolute paths. The name of a file or folder stays.

    Of a database, nothing is said but that it is away or can only be read: what it says of itself goes to the server's
    log.
    """
    if isinstance(message, DatabaseError):
        logging.getLogger(__name__).warning("%s", message)
    if isinstance(message, ReadOnlyError):
        return "This server may only read its files. Nothing can be trained, put in use, renamed or deleted here."
    if isinstance(message, DatabaseError):
        return "The database of this server cannot be used at the moment. Try again in a minute."
    return _FOLDERS.sub("", str(message))


def as_markdown(text: str) -> str:
    """Markdown that shows this text as it is, without links, pictures or formulas."""
    return _SIGNS.sub(r"\\\1", text)


def explain_unreadable_message(error: Exception) -> bool:
    """To be called with whatever ends the run of a page: whether it was JSON from the browser that cannot be read.

    Then the visitor is told. Streamlit decodes the states of components before a page begins, so no page can catch it.
    """
    last = traceback.extract_tb(error.__traceback__)[-1].filename
    if not isinstance(error, ValueError | RecursionError) or Path(last).parent != Path(json.__file__).parent:
        return False
    st.error("The browser sent something that cannot be read. Reload the page.", icon=":material/error:")
    return True


def show_error(message: object) -> None:
    """Show an error, or its message. Nothing in it is taken for Markdown, because it may quote a file or a link."""
    st.error(as_markdown(visitor_text(message)), icon=":material/error:")


def show_warning(message: object) -> None:
    """Show a warning, as `show_error` does."""
    st.warning(as_markdown(visitor_text(message)), icon=":material/error:")
