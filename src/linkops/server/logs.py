"""Structured logs on standard error: text for people, one JSON object a line for machines; secrets never."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEYS = re.compile(r"password|secret|token|authorization|private|signature", re.IGNORECASE)
_LINK = re.compile(r"(/files/)[\w.~-]+")
_HIDDEN = "…"

EventDict = MutableMapping[str, Any]


def configure_logs(level: str, *, as_json: bool) -> None:
    """Send our own logs and those of libraries the same way."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        # A traceback without the values of variables: those may be secrets.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    finish: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    finish += [structlog.processors.format_exc_info, renderer] if as_json else [renderer]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Blank values under telling names, and download tokens wherever they stand."""
    for key, value in event.items():
        if key != "event" and _SECRET_KEYS.search(key):
            event[key] = _HIDDEN
        elif isinstance(value, str) and "/files/" in value:
            event[key] = _LINK.sub(rf"\1{_HIDDEN}", value)
    return event
