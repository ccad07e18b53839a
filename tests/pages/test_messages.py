"""Messages to visitors are plain text and name no folders of the server."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.messages import as_markdown, visitor_text


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "There is no run 'a' in /srv/demo/trained_models. Train one.",
            "There is no run 'a' in trained_models. Train one.",
        ),
        (
            "[Errno 13] Permission denied: '/srv/demo/runs/.promoted.json'",
            "[Errno 13] Permission denied: '.promoted.json'",
        ),
        (r"C:\Users\ada\runs\mine is damaged", "mine is damaged"),
        ("Use PNG, JPEG or WebP, and/or 1/2 of it.", "Use PNG, JPEG or WebP, and/or 1/2 of it."),
        ("See https://example.org/a/b.", "See https://example.org/a/b."),
    ],
)
def test_folders_of_the_server_are_left_out(message: str, shown: str) -> None:
    assert visitor_text(message) == shown


def test_what_a_file_says_is_never_markdown() -> None:
    text = "![x](http://example.org/x.png) **bold** $x$ `code` :red[red] <b>"
    assert all(f"\\{sign}" in as_markdown(text) for sign in "[*$`<")

    def page() -> None:
        from pages.parts.messages import show_error

        show_error("![x](http://example.org/x.png)")

    at = AppTest.from_function(page).run()
    assert at.error[0].value == r"!\[x\](http://example.org/x.png)"
