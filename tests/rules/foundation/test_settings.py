"""Settings: file, environment, arguments."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from linkops.settings import Settings, Source, load_settings


def test_arguments_win_over_the_environment_and_the_environment_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "linkops.toml"
    file.write_text("http_port = 1\nmqtt_port = 1\nmqtt_tls_port = 1\n")
    monkeypatch.setenv("LINKOPS_MQTT_PORT", "2")
    monkeypatch.setenv("LINKOPS_HTTP_PORT", "2")
    settings = load_settings(file, http_port=3)
    assert (settings.http_port, settings.mqtt_port, settings.mqtt_tls_port) == (3, 2, 1)
    names = ("http_port", "mqtt_port", "mqtt_tls_port", "https_port")
    sources = [Source.ARGUMENT, Source.ENVIRONMENT, Source.FILE, Source.DEFAULT]
    assert [settings.source(name) for name in names] == sources
    assert settings.file == file


@pytest.mark.parametrize("line", ["http_prot = 1", "http_port = 70000", "max_file_bytes = 'much'"])
def test_a_wrong_line_is_refused_and_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "linkops.toml"
    file.write_text(line)
    with pytest.raises(ValidationError, match=line.split(" ", maxsplit=1)[0]):
        load_settings(file)


@pytest.mark.parametrize("text", ["10.0.0.0/8,::1", '["10.0.0.0/8", "::1"]', " 10.0.0.0/8 , ::1, "])
def test_a_list_is_written_with_commas_or_as_json(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Also on the command line, where every setting is an option."""
    assert load_settings(trusted_proxies=text).trusted_proxies == ("10.0.0.0/8", "::1")
    monkeypatch.setenv("LINKOPS_TRUSTED_PROXIES", text)
    assert load_settings().trusted_proxies == ("10.0.0.0/8", "::1")


def test_every_list_is_an_option() -> None:
    settings = load_settings(package_file_suffixes=".bin,.img", webhook_allowed_networks="10.0.0.0/8")
    assert settings.package_file_suffixes == (".bin", ".img")
    assert settings.webhook_allowed_networks == ("10.0.0.0/8",)


@pytest.mark.parametrize("text", ["not a network", '["10.0.0.1/8"]', '["10.0.0.0/8"'])
def test_what_is_no_network_is_refused_and_named(text: str) -> None:
    with pytest.raises(ValidationError, match="trusted_proxies"):
        load_settings(trusted_proxies=text)


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKOPS_DATABASE_URL", "postgresql://me:hidden@db/x")
    assert "hidden" not in repr(load_settings())
