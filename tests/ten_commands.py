"""Tries the ten commands of docs/hosting.md exactly as they stand there, in a layer over this machine's file system.

    python -m tests.ten_commands        as root, on Debian; it takes some minutes and needs the network for packages

What the commands write goes into the layer, which is dropped afterwards. systemd does not run there; a stand-in starts
what the unit files say, as the user whom they name.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import ROOT

STAND_IN = r"""#!/usr/bin/python3
import configparser, os, shlex, subprocess, sys
if sys.argv[1:] == ["restart", "nginx"]:
    sys.exit(subprocess.call(["/usr/sbin/nginx"]))
assert sys.argv[1:3] == ["enable", "--now"], sys.argv
for name, _, instance in (unit.partition("@") for unit in sys.argv[3:]):
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(f"/etc/systemd/system/{name}@.service")
    service = {key: value.replace("%i", instance) for key, value in unit["Service"].items()}
    lines = open(service["EnvironmentFile"]).read().split("\n") + shlex.split(service["Environment"])
    state = "/var/lib/" + service["StateDirectory"]
    subprocess.check_call(["install", "--directory", "--owner", service["User"], "--mode", "755", state])
    as_user = ["setpriv", "--reuid", service["User"], "--regid", service["User"], "--clear-groups", "--no-new-privs"]
    subprocess.Popen(
        as_user + shlex.split(service["ExecStart"]),
        cwd=service["WorkingDirectory"],
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **dict(line.split("=", 1) for line in lines if line)},
    )
"""

CHECK = r"""
for attempt in $(seq 60); do curl -skf https://localhost/_stcore/health && break; sleep 1; done
echo
for path in / /_stcore/metrics; do
    curl -sk -o /dev/null -w "%{http_code} $path\n" "https://localhost$path"
done
curl -s -o /dev/null -w "%{http_code} %{redirect_url}\n" http://localhost/
ps -eo user:12,args | grep "[s]treamlit run"
/opt/digit-duel/bin/python - <<'PYTHON'
import ssl, sys
sys.path.insert(0, "/root/digit-duel")
from websockets.sync.client import connect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
unsigned = ssl.create_default_context()
unsigned.check_hostname, unsigned.verify_mode = False, ssl.CERT_NONE
with connect("wss://localhost/_stcore/stream", subprotocols=["streamlit"], ssl=unsigned, max_size=None) as page:
    print(page.response.headers["Set-Cookie"])
    message = BackMsg()
    message.rerun_script.SetInParent()
    page.send(message.SerializeToString())
    shown = ""
    while "script_finished" not in shown:
        answer = ForwardMsg.FromString(page.recv(timeout=60))
        shown += str(answer) + answer.WhichOneof("type")
    assert "draw_canvas" in shown and "exception" not in shown
    print("the draw page opens through nginx")
PYTHON
"""


def commands() -> list[str]:
    """The ten commands."""
    text = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    found = re.search(r"## Ten commands\n.*?```sh\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1].splitlines()


def main() -> int:
    """Try the commands; the exit code of the first that fails, or of the check at the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("upper", "work", "root"):
            (folder / part).mkdir()
            (folder / part).chmod(0o755)
        script = folder / "upper" / "try.sh"
        lines = [f"echo '+ {number}'\n{line}" for number, line in enumerate(commands(), start=1)]
        script.write_text("set -e\ncd /root/digit-duel\n" + "\n".join(lines) + CHECK)
        outside = f"""set -e
mount -t overlay overlay -o lowerdir=/,upperdir={folder}/upper,workdir={folder}/work {folder}/root
cd {folder}/root
for place in dev sys; do mount --rbind /$place $place; done
mount -t proc proc proc
mount -t tmpfs tmpfs tmp
rm -rf opt/digit-duel var/lib/digit-duel etc/nginx/conf.d/*
mkdir -p root/digit-duel && git -C {ROOT} archive HEAD | tar -x -C root/digit-duel
cat > usr/bin/systemctl <<'STANDIN'
{STAND_IN}
STANDIN
chmod 755 usr/bin/systemctl
exec chroot . /bin/bash /try.sh
"""
        isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        environment = {**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        return subprocess.run([*isolated, "bash", "-c", outside], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
