"""The documents name files, modules, commands and packages that exist."""

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import mnist_core
from mnist_core.cli.main import main

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
}
EVERY_DOCUMENT = pytest.mark.parametrize("name", DOCUMENTS)
ARCHITECTURE = DOCUMENTS["docs/architecture.md"]
BASE = {path.stem for path in (ROOT / "mnist_core").glob("*.py")}
"""The modules beside the packages. All packages may use them."""


@EVERY_DOCUMENT
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", DOCUMENTS[name]):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        linked = (ROOT / name).parent / path if path else ROOT / name
        assert linked.is_file(), target
        assert not anchor or anchor in headings(linked), target


def headings(path: Path) -> set[str]:
    """The anchors of the headings in a document."""
    found = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in found}


@EVERY_DOCUMENT
def test_every_path_exists(name: str) -> None:
    paths = re.findall(r"(?<![\w/.-])(?:mnist_core|pages|tests|docs|trained_models)/[\w./-]*\w", DOCUMENTS[name])
    files = re.findall(r"`([\w-]+\.(?:py|md|toml|txt|lock))`", DOCUMENTS[name])
    missing = [path for path in [*paths, *files] if not (ROOT / path).exists() and not (ROOT / "docs" / path).exists()]
    assert not missing


@EVERY_DOCUMENT
def test_every_module_and_every_function_exists(name: str) -> None:
    for dotted in re.findall(r"(?<![\w/])((?:mnist_core|tests)(?:\.\w+)+)", DOCUMENTS[name]):
        if dotted.endswith((".md", ".py")):
            continue
        package, _, attribute = dotted.rpartition(".")
        assert find_spec(dotted) if package != "mnist_core" else hasattr(mnist_core, attribute) or find_spec(dotted)


def commands(name: str) -> Iterator[list[str]]:
    """The words of every call of digit-duel in a document."""
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENTS[name], re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", DOCUMENTS[name])
    for line in lines:
        if line.startswith("digit-duel "):
            yield shlex.split(line, comments=True)[1:]


@EVERY_DOCUMENT
def test_every_command_and_its_options_exist(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command, *words in commands(name):
        with pytest.raises(SystemExit) as ended:
            main([command] if command.startswith("--") else [command, "--help"])
        assert ended.value.code == 0, command
        known = capsys.readouterr().out
        for option in (word.split("=")[0] for word in words if word.startswith("--")):
            assert option in known, (command, option)


@EVERY_DOCUMENT
def test_every_make_target_exists(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|^)make ([a-z-]+)", DOCUMENTS[name], re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def diagram() -> str:
    """The picture of the packages."""
    return next(part for part in re.findall(r"```mermaid\n(.*?)```", ARCHITECTURE, re.DOTALL) if "reporting" in part)


def packages() -> set[str]:
    """The packages of the core, by their folders."""
    return {path.parent.name for path in (ROOT / "mnist_core").glob("*/__init__.py")}


def test_the_picture_shows_the_packages_that_there_are() -> None:
    shown = re.findall(r'^  (\w+)\["([\w/]+)', diagram(), re.MULTILINE)
    assert {identifier for identifier, _ in shown} == packages() | {"pages", "base"}
    for identifier, title in shown:
        assert title in {"pages", f"mnist_core/{identifier}", "errors"}


def reachable(start: str) -> set[str]:
    """The packages to which arrows of the picture lead."""
    arrows = re.findall(r"^  (\w+) --> (\w+)$", diagram(), re.MULTILINE)
    found: set[str] = set()
    ahead = {start}
    while ahead:
        found |= ahead
        ahead = {end for begin, end in arrows if begin in ahead} - found
    return found


@pytest.mark.parametrize("package", sorted(packages() | {"pages"}))
def test_every_import_follows_the_arrows_of_the_picture(package: str) -> None:
    folder = ROOT / "pages" if package == "pages" else ROOT / "mnist_core" / package
    modules = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:from|import) mnist_core\.(\w+)", modules, re.MULTILINE))
    assert {"base" if name in BASE else name for name in imported} <= reachable(package)
