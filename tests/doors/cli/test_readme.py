"""The README's five things, copied and pasted one after the other into a shell."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.server import running_server

README = Path(__file__).parents[3] / "README.md"
WITHIN_S = 240


@pytest.mark.timeout(WITHIN_S + 60)
def test_what_the_readme_says_works_when_it_is_pasted(tmp_path: Path) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) == 5
    data = tmp_path / "data"
    with running_server(data, tmp_path / "server.log") as server:
        script = "\n".join(["set -euo pipefail", 'linkops login "$URL" --password-stdin < "$PASSWORD_FILE"', *blocks])
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "URL": server.http,
            "MQTT": f"{server.mqtt.host}:{server.mqtt.port}",
            "PASSWORD_FILE": str(data / "first-password.txt"),
        }
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "waterPump01" in done.stdout
