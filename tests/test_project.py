"""The project as a package: its requirements, the files in a wheel, and the wheel once it is installed."""

import ast
import os
import re
import socket
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SHIPPED = {"mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust"}


def requirements(name: str) -> set[str]:
    """The requirements in a file of that name, in one spelling."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {str(Requirement(line)) for line in lines if line.strip() and line.strip()[0] not in "#-"}


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("requirements.txt", PROJECT["dependencies"]),
        ("requirements-dev.txt", PROJECT["optional-dependencies"]["dev"]),
    ],
)
def test_the_requirements_are_those_that_pyproject_declares(name: str, declared: list[str]) -> None:
    assert requirements(name) == {str(Requirement(line)) for line in declared}


def test_the_lock_file_holds_a_version_of_every_package_within_its_limits() -> None:
    locked: dict[str, list[Requirement]] = {}
    for line in requirements("requirements.lock"):
        requirement = Requirement(line)
        locked.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        declared = Requirement(line)
        versions = locked[canonicalize_name(declared.name)]
        for version in versions:
            assert declared.specifier.contains(str(version.specifier).removeprefix("==")), (line, str(version))


def test_the_program_imports_exactly_the_packages_that_it_declares() -> None:
    files = [*(ROOT / "mnist_core").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    imported: set[str] = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"mnist_core", "pages"}
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    optional = {canonicalize_name(Requirement(line).name) for line in PROJECT["optional-dependencies"]["cluster"]}
    assert optional <= foreign
    foreign -= optional  # where they are absent, the program says so
    distributions = packages_distributions()
    owners = {name: {canonicalize_name(owner) for owner in distributions[name]} for name in foreign}
    through_pooch = {"requests"}  # the downloads catch its errors
    assert {name for name, names in owners.items() if not names & declared} == through_pooch
    assert declared - {"tensorflow"} <= set.union(*owners.values()) | {"tensorflow-cpu"}


def test_the_lock_file_names_no_server() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.findall(r"https?://|--(?:extra-)?index-url|--find-links", text)


def test_no_two_modules_of_the_project_share_a_name() -> None:
    paths = [ROOT / "app.py", *(ROOT / "mnist_core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    places = defaultdict(list)
    for path in paths:
        if not path.name.startswith("__"):
            places[path.name].append(path.relative_to(ROOT).as_posix())
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_streamlit_s_minor_version_is_pinned() -> None:
    streamlit = next(Requirement(line) for line in PROJECT["dependencies"] if line.startswith("streamlit>"))
    assert streamlit.specifier.contains("1.67.5")
    assert not streamlit.specifier.contains("1.68.0")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what an installation of the wheel adds to site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def environment(installed: Path, home: Path) -> dict[str, str]:
    """Environment variables under which that installation is found, and the user's folders are new."""
    variables = {name: value for name, value in os.environ.items() if name != "TRAINED_MODELS"}
    folders = {name: str(home) for name in ("HOME", "USERPROFILE", "XDG_DATA_HOME", "LOCALAPPDATA")}
    return {**variables, **folders, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}


@pytest.mark.slow
def test_the_wheel_puts_one_package_beside_those_of_others(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mnist_core"}
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name or "/logs/" in name]


@pytest.mark.slow
def test_the_wheel_holds_all_that_the_checkout_serves(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = [
        path
        for folder in ("mnist_core", "pages")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    for path in tracked:
        inside = path.relative_to(ROOT).as_posix()
        assert (inside if inside.startswith("mnist_core/") else f"mnist_core/app/{inside}") in names
    assert {"mnist_core/app/app.py", "mnist_core/app/.streamlit/config.toml"} <= names
    assert {name.split("/")[3] for name in names if name.startswith("mnist_core/app/trained_models/")} == SHIPPED


@pytest.mark.slow
def test_the_wheel_has_the_command_digit_duel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "digit-duel = mnist_core.cli.main:main" in archive.read(name).decode()


@pytest.mark.slow
def test_installed_it_predicts_from_any_folder(installed: Path, tmp_path: Path) -> None:
    from PIL import Image, ImageDraw

    picture = Image.new("L", (100, 100), "white")
    ImageDraw.Draw(picture).line([(50, 15), (50, 85)], fill="black", width=9)
    picture.save(tmp_path / "one.png")
    command = [sys.executable, "-m", "mnist_core", "predict", "one.png", "--json"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(installed, tmp_path), capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "mlp-robust" in done.stdout
    assert "cnn-robust" in done.stdout


VISIT = """
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
stand_in = ModuleType("streamlit_drawable_canvas")  # its assets are registered by a server, and there is none here
stand_in.st_canvas = lambda **options: SimpleNamespace(json_data=None)
sys.modules["streamlit_drawable_canvas"] = stand_in
import mnist_core
from streamlit.testing.v1 import AppTest
app = Path(mnist_core.__file__).parent / "app" / "app.py"
sys.path.insert(0, str(app.parent))  # as `streamlit run` does
test = AppTest.from_file(str(app), default_timeout=120).run()
assert not test.exception, test.exception
test.switch_page("pages/compare/compare.py").run()
assert not test.exception, test.exception
print(sum("mlp-robust" in str(element) for element in test.main))
"""


@pytest.mark.slow
def test_installed_the_pages_open(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", VISIT],
        cwd=tmp_path,
        env=environment(installed, tmp_path),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="ends the server with a signal")
def test_installed_the_app_is_served_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mnist_core", "run", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(installed, tmp_path), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        assert process.stdout.readline().startswith(f"Digit Duel is at http://127.0.0.1:{port} ")
        for path, expected in {"/_stcore/health": "ok", "/": "<html"}.items():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                assert expected in answer.read().decode()
    finally:
        process.terminate()
        code = process.wait(30)
        process.stdout.close()
    assert code == 0
