"""The files for other people's servers: the Dockerfile's steps, run in a folder, and what compose.yaml names."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from deploy import rehearse
from tests.conftest import ROOT
from tests.nginx_front import free_port
from tests.websocket_visitor import Visitor

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
IS_WHOLE = os.environ.get("DIGIT_DUEL_REHEARSAL") == "whole"
"""Whether the rehearsal installs every package anew, from the network. That takes minutes."""

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the image is one of Linux")


@pytest.fixture(scope="module")
def image() -> Iterator[rehearse.Image]:
    """What the Dockerfile builds, in a folder that everybody may enter, whose code nobody may write."""
    try:
        rehearse.interpreter()
    except ValueError as error:
        pytest.skip(str(error))
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to the image's user
        Path(name).chmod(0o755)
        built = rehearse.build(Path(name) / "root", packages=not IS_WHOLE)
        subprocess.run(["chmod", "-R", "a-w", str(built.root / "opt")], check=True)
        yield built


@pytest.fixture
def served(image: rehearse.Image) -> Iterator[str]:
    """The address of the server that the image starts, once its health check says that it runs."""
    port = str(free_port())
    server = image.start(image.command, PORT=port, DIGIT_DUEL_OWNER_KEY="the owner's long key")
    try:
        for _ in range(60):
            assert server.poll() is None
            if is_well := image.start(image.health, PORT=port).wait() == 0:
                break
            time.sleep(0.25)
        assert is_well
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


@LINUX
@pytest.mark.slow
@pytest.mark.timeout(1800 if IS_WHOLE else 300)
def test_the_steps_of_the_dockerfile_make_a_server_that_writes_to_its_volume_alone(
    image: rehearse.Image, served: str
) -> None:
    before = set((image.root / "opt").rglob("*"))
    with Visitor(served) as visitor:
        visitor.open()
        assert visitor.has("draw_canvas")
        assert visitor.exceptions() == visitor.alerts() == []
        visitor.open("compare")
        assert "cnn-robust" in visitor.texts()
    with Visitor(served) as visitor:
        visitor.open("train")
        visitor.fill_in({"access_key": "the owner's long key"}, "access_sign_in")
        visitor.open("train")
        assert "Signed in as owner" in visitor.texts()
    assert list((image.root / "data").rglob("*")), "the sign-in left nothing on the volume"
    assert set((image.root / "opt").rglob("*")) == before
    if os.geteuid() == 0:
        assert {path.stat().st_uid for path in (image.root / "data").rglob("*")} == {int(image.user)}


def test_what_the_compose_file_fills_in_is_what_the_configuration_of_nginx_asks_for() -> None:
    template = (ROOT / "deploy" / "nginx.conf.template").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)\}", template))
    given = COMPOSE["services"]["nginx"]["environment"]
    assert set(given) == asked
    script = (ROOT / "deploy" / "nginx.sh").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)\}", script.split("envsubst")[1])) == asked


def test_the_compose_file_runs_the_app_without_rights_and_nginx_finds_both_processes() -> None:
    services = COMPOSE["services"]
    nginx = services["nginx"]["environment"]
    for number in ("1", "2"):
        app = services[nginx[f"HOST_{number}"]]
        assert app["environment"]["PORT"] == nginx[f"PORT_{number}"]
        assert (app["read_only"], app["cap_drop"]) == (True, ["ALL"])
        assert app["volumes"] == ["runs:/data"]
        assert app["environment"]["DIGIT_DUEL_DATABASE"].startswith("postgresql+psycopg://")
        assert "ports" not in app
    assert nginx["PORT_1"] != nginx["PORT_2"], "the cookie of nginx tells the processes apart by their ports"
    mounted = [volume.split(":")[0] for volume in services["nginx"]["volumes"]]
    assert mounted[0] == "./deploy/nginx.conf.template"


def test_the_dockerfile_ends_as_a_user_without_rights() -> None:
    steps = list(rehearse.instructions(ROOT / "Dockerfile"))
    names = [name for name, _ in steps]
    assert names.index("USER") < names.index("CMD")
    assert dict(steps)["USER"] == "10001:10001"
    copied = [shlex.split(rest) for name, rest in steps if name == "COPY"]
    assert [words for words in copied[-1:] if words[0] != "--from=build"] == [], "the last stage copies the environment"
