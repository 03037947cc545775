"""Logs tell no secrets."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from linkops.server.logs import configure_logs


@pytest.fixture(autouse=True)
def _own_configuration() -> Iterator[None]:
    before = logging.getLogger().handlers[:]
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


def test_secrets_and_download_tokens_are_blanked(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", as_json=True)
    log = structlog.get_logger("test")
    log.info("pushed", url="http://h/files/AbC-123_x", device_secret="s1", password="s2", device="pump-7")
    logging.getLogger("library").warning("GET /files/AbC-123_x")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert ours["device"] == "pump-7"
    assert ours["url"] == "http://h/files/…"
    assert ours["device_secret"] == ours["password"] == "…"
    assert theirs["event"] == "GET /files/…"


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", as_json=False)
    structlog.get_logger("test").info("quiet")
    structlog.get_logger("test").error("loud", code="x")
    assert [("loud" in line, "quiet" in line) for line in capsys.readouterr().err.splitlines()] == [(True, False)]
