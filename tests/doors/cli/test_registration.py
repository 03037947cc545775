"""What an operator says about registration in a terminal, and simulated devices that register."""

import csv
from pathlib import Path

import pytest

from tests.support.server import Server
from tests.support.terminal import Terminal

pytestmark = pytest.mark.long


@pytest.fixture
def terminal(server: Server, administered_data: tuple[Path, str], tmp_path: Path) -> Terminal:
    return Terminal(server, tmp_path, administered_data[1])


@pytest.mark.timeout(300)
def test_registration_in_a_terminal(terminal: Terminal, server: Server, tmp_path: Path) -> None:
    terminal.says("product", "create", "Pumps", "--key", "pumps")
    assert "registration:   off" in terminal.says("product", "show", "pumps")
    assert "--on, --off" in terminal.refused("product", "registration", "pumps")

    def simulation(way: str, identities: str) -> tuple[object, ...]:
        options = ("--ca", server.ca_certificate, "--mqtt", f"{server.mqtt.host}:{server.mqtt.port}")
        fleet = ("--devices", 1, "--product", "pumps", "--identities", identities, "--duration-s", 4)
        return ("simulate", "--register", way, *fleet, *options)

    assert "Not registered: pumps/" in terminal.refused(*simulation("mqtt", "off.csv"))
    assert "over TLS only" in terminal.refused("simulate", "--register", "token", "--product", "pumps")
    assert "listed devices" in terminal.says("product", "registration", "pumps", "--on")
    url = f"https://localhost:{server.device_https.port}"
    assert "1 of 1 devices" in terminal.says(*simulation(url, "https.csv"))
    assert "any device" in terminal.says("product", "registration", "pumps", "--any-name")
    assert "1 of 1 devices" in terminal.says(*simulation("token", "token.csv"))
    with (tmp_path / "token.csv").open() as rows:
        (kept,) = csv.DictReader(rows)
    assert kept["client_id"]
    device = f"pumps/{kept['device_name']}"
    assert "is not online" in terminal.refused("device", "bootstrap", device)
    assert "1 of 1 devices may register again" in terminal.says("device", "let-register", device, "--yes")
    old = terminal.says("product", "secret", "pumps")
    assert terminal.says("product", "reset-secret", "pumps", "--yes") != old
