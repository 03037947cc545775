"""Settings: file, environment, arguments."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from linkops.settings import Settings, load_settings


def test_arguments_win_over_the_environment_and_the_environment_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "linkops.toml"
    file.write_text("http_port = 1\nmqtt_port = 1\nmqtt_tls_port = 1\n")
    monkeypatch.setenv("LINKOPS_MQTT_PORT", "2")
    monkeypatch.setenv("LINKOPS_HTTP_PORT", "2")
    settings = load_settings(file, http_port=3)
    assert (settings.http_port, settings.mqtt_port, settings.mqtt_tls_port) == (3, 2, 1)


@pytest.mark.parametrize("line", ["http_prot = 1", "http_port = 70000", "max_file_bytes = 'much'"])
def test_a_wrong_line_is_refused_and_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "linkops.toml"
    file.write_text(line)
    with pytest.raises(ValidationError, match=line.split(" ", maxsplit=1)[0]):
        load_settings(file)


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKOPS_DATABASE_URL", "postgresql://me:hidden@db/x")
    assert "hidden" not in repr(load_settings())
