"""Runs the steps of the Dockerfile in a folder, where there is no container engine, and can start what they built.

    python deploy/rehearse.py FOLDER              builds below FOLDER and starts the server
    python deploy/rehearse.py FOLDER --packages   takes the packages of this Python's environment; needs no network

The folder stands for the root of the image: /opt, /data and /tmp are folders in it. Python is that of this machine. The
server runs as the image's user if this program runs as root, so that the code can then only be read.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = re.compile(r"(?<![\w.:/'-])/(?=(?:opt|data|tmp)\b)")
"""The beginning of a path in the image."""


@dataclass
class Image:
    """What the steps made. root: the folder that stands for /. environment: of its programs. user: a number, or
    nothing for that of this program.
    """

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = ""
    command: str = ""
    health: str = ""

    def place(self, text: str) -> str:
        """The text with paths of the image turned into those of this machine."""
        return PLACES.sub(f"{self.root}/", text)

    def start(self, command: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a command of the image as its user, who owns nothing but /data. environment: as of `docker run`."""
        variables = {name: self.place(value) for name, value in self.environment.items()}
        path = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        as_user = (
            ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if os.geteuid() == 0 else []
        )
        return subprocess.Popen(
            [*as_user, "/bin/sh", "-c", self.place(command)],
            cwd=self.place(self.folder),
            env={**path, **variables, **environment},
        )


def instructions(dockerfile: Path) -> Iterator[tuple[str, str]]:
    """The instructions of a Dockerfile and what follows them."""
    lines = [line for line in dockerfile.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def sent_files() -> Iterator[Path]:
    """The files of the project that .dockerignore lets through, relative to it."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    for pattern in (line[1:] for line in lines if line.startswith("!")):
        for found in ROOT.glob(pattern):
            for path in [found] if found.is_file() else sorted(found.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    yield path.relative_to(ROOT)


def build(root: Path, *, packages: bool = False) -> Image:
    """Run the steps. root: a folder that does not exist yet. packages: install none from the network; those of this
    Python's environment are found instead. Raises ValueError for an instruction that is not known here.
    """
    root.mkdir(parents=True)
    root.chmod(0o755)
    (root / "tmp").mkdir()
    image = Image(root.resolve())
    for name, rest in instructions(ROOT / "Dockerfile"):
        match name:
            case "FROM":
                image = Image(image.root)
            case "RUN":
                _run(image, rest, packages=packages)
            case "COPY":
                _copy(image, rest.split())
            case "ENV":
                image.environment |= dict(pair.split("=", 1) for pair in rest.split())
            case "WORKDIR":
                image.folder = rest
            case "USER":
                image.user = rest.split(":")[0]
            case "CMD":
                image.command = rest
            case "HEALTHCHECK":
                image.health = rest.partition("CMD ")[2]
            case "VOLUME" | "EXPOSE":
                pass
            case _:
                raise ValueError(f"The Dockerfile has {name}, which deploy/rehearse.py does not know.")
    return image


def interpreter() -> Path:
    """A Python of this minor version that every user of this machine can start. Raises ValueError if there is none."""
    for path in (Path(sys.executable).resolve(), Path(shutil.which("python3", path="/usr/bin") or sys.executable)):
        version = subprocess.run([path, "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
        is_open = os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)
        if is_open and version.split(".")[:2] == [str(part) for part in sys.version_info[:2]]:
            return path
    raise ValueError(f"Other users cannot start {sys.executable}. Run this with a Python outside of a home folder.")


def _run(image: Image, command: str, *, packages: bool) -> None:
    if os.geteuid() != 0:
        command = re.sub(r"--(owner|group)=\d+", "", command)
    tools = image.root / "tmp" / "python"
    tools.mkdir(exist_ok=True)
    if not (tools / "python").exists():
        (tools / "python").symlink_to(interpreter())
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_QUIET": "1"}
    path = {"PATH": f"{tools}:{os.environ['PATH']}"}
    environment = {**os.environ, **path, **quiet, **(offline if packages else {})}
    environment.pop("PYTHONPATH", None)
    subprocess.run(["/bin/sh", "-ec", image.place(command)], check=True, env=environment, stdout=subprocess.DEVNULL)
    if packages and " -m venv " in f" {command} ":
        place = next((image.root / "opt" / "digit-duel" / "lib").glob("python3*")) / "site-packages"
        (place / "of_this_python.pth").write_text(sysconfig.get_path("purelib"))


def _copy(image: Image, words: list[str]) -> None:
    *sources, target = [word for word in words if not word.startswith("--")]
    place = Path(image.place(target))
    if words[0].startswith("--from="):
        # All stages lie in one folder, because an environment of Python cannot be moved. What is not copied goes.
        if sources != [target]:
            raise ValueError(f"deploy/rehearse.py copies between stages to the same place only, not {words}.")
        for path in image.root.iterdir():
            if path != image.root / place.relative_to(image.root).parts[0]:
                shutil.rmtree(path)
        (image.root / "tmp").mkdir()
        (image.root / "tmp").chmod(0o1777)
        return
    known = list(sent_files())
    for source in sources:
        for path in known if source == "." else [Path(source)]:
            if path not in known:
                raise ValueError(f".dockerignore keeps {path} from the Dockerfile.")
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, place / path)


def main() -> int:
    """Build, and serve until the server ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--packages", action="store_true", help="take the packages of this Python's environment")
    options = parser.parse_args()
    image = build(options.folder, packages=options.packages)
    return image.start(image.command).wait()


if __name__ == "__main__":
    sys.exit(main())
