"""Opens pages in this process and prints what each shows, as JSON. For tests that need a process of their own."""

import json
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT

TEXTS = ("markdown", "caption", "text", "warning", "error", "info")
WIDGETS = ("selectbox", "multiselect", "button_group", "select_slider")


def shown(app: AppTest) -> dict[str, Any]:
    """The page's text with its HTML, the options of its widgets, and its exceptions."""
    texts = [str(element.value) for kind in TEXTS for element in app.get(kind)]
    html = [str(element.proto.body) for element in app.get("html")]
    options = [list(map(str, getattr(widget, "options", []))) for kind in WIDGETS for widget in app.get(kind)]
    return {
        "exceptions": [str(exception.value) for exception in app.exception],
        "text": " ".join([*texts, *(each for each in html if not each.startswith("<style"))]),
        "options": options,
    }


def opened(page: str, query: dict[str, Any]) -> AppTest:
    """The page as a visitor with that query string gets it."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.switch_page(f"pages/{page}/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def main() -> None:
    """Open the pages of the first argument, a JSON object with the query parameters by page."""
    canvas = ModuleType("streamlit_drawable_canvas")  # The package cannot be imported outside a server.
    canvas.st_canvas = lambda **options: SimpleNamespace(json_data=None)  # type: ignore[attr-defined]
    sys.modules["streamlit_drawable_canvas"] = canvas
    print(json.dumps({page: shown(opened(page, query)) for page, query in json.loads(sys.argv[1]).items()}))


if __name__ == "__main__":
    main()
