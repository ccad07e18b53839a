"""The pages that compare runs, for tests: how they are opened, and which runs they name."""

import json
import re
import shutil
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT

PAGES = ("compare", "curves")
SHIPPED = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")


def copy(folder: Path, name: str, source: str = "mlp-specified") -> Path:
    shutil.copytree(ROOT / "trained_models" / source, folder / name)
    return folder / name


def just_trained(folder: Path, name: str, source: str = "mlp-specified") -> Path:
    """A run that is younger than all shipped ones."""
    path = copy(folder, name, source) / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "created": "2099-01-01T00:00:00+00:00"}))
    return path.parent


def twenty(folder: Path) -> list[str]:
    names = [f"{source}-{number}" for source in SHIPPED for number in range(5)]
    for name in names:
        copy(folder, name, name.rsplit("-", 1)[0])
    return names


def opened(page: str, **query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(f"pages/{page}/{page}.py")
    for name, value in query.items():
        app.query_params[f"{page}_runs" if name == "runs" else name] = value
    app.run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html") if not element.proto.body.startswith("<style"))


def columns(app: AppTest) -> list[str]:
    """The runs that the page's first table names, in its order."""
    table = re.search(r"<table class='figures.*?</table>", html(app), re.S)
    assert table
    return re.findall(r"<b>([^<]*)</b>|<th scope='row'><span[^>]*></span> ([^<]*)</th>", table[0])


def named(app: AppTest) -> list[str]:
    return [one or other for one, other in columns(app)]
