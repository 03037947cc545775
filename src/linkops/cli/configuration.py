"""Settings from the command line: every setting is an option, ``http_port`` is ``--http-port``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkops.cli.failures import CommandFailed

if TYPE_CHECKING:
    from linkops.settings import Settings

ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", exists=True, dir_okay=False, help="TOML file of settings.")
]
TAKES_SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}
"""For commands that take every setting as an option: typer hands on what it does not know."""


def settings_from(config: Path | None, arguments: Sequence[str], **given: object) -> "Settings":
    """Return the settings of the file, the environment and the command line, the later winning.

    Args:
        config: the TOML file.
        arguments: the rest of the command line, as in ``["--http-port", "9090", "--log-json=true"]``.
        given: by the names of settings; None is not given.

    Raises:
        CommandFailed: an option that is no setting, or a value that it may not have.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - a tenth of a second, which `--help` need not wait
    from pydantic_settings import SettingsError  # noqa: PLC0415

    from linkops.settings import Settings, load_settings  # noqa: PLC0415

    named = _named(arguments, set(Settings.model_fields))
    chosen = {name: value for name, value in {**named, **given}.items() if value is not None}
    try:
        return load_settings(config, **chosen)
    except ValidationError as error:
        raise CommandFailed("\n".join(_sentence(dict(one)) for one in error.errors())) from None
    except (SettingsError, OSError, ValueError) as error:
        raise CommandFailed(f"The settings cannot be read: {error}") from None


def _named(arguments: Sequence[str], known: set[str]) -> dict[str, str]:
    """Return what options of the form ``--name value`` or ``--name=value`` say."""
    named: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        option, equals, value = rest.pop(0).partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or name not in known:
            raise CommandFailed(f"{option} is no option and no setting. All settings: linkops settings")
        if not equals:
            if not rest:
                raise CommandFailed(f"{option} needs a value.")
            value = rest.pop(0)
        named[name] = value
    return named


def _sentence(error: dict[str, object]) -> str:
    location = error["loc"]
    name = ".".join(map(str, location)) if isinstance(location, tuple) else str(location)
    return f"Setting {name}: {error['msg']}. All settings: linkops settings"
