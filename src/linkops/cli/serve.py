"""``linkops serve`` and ``linkops settings``."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkops.cli.configuration import TAKES_SETTINGS, ConfigFile, settings_from
from linkops.cli.failures import CommandFailed
from linkops.cli.output import AsJson, Column, print_list

if TYPE_CHECKING:
    from linkops.server import Addresses, Server

FIRST_PASSWORD = "first-password.txt"  # noqa: S105 - a file's name


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel="Server", context_settings=TAKES_SETTINGS)(serve)
    app.command(rich_help_panel="Server")(settings)


def serve(
    context: typer.Context,
    config: ConfigFile = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the database, keys and files.")] = None,
    bind_host: Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 is every one.")] = None,
    mqtt_port: Annotated[int | None, typer.Option(help="MQTT over TCP and TLS; 0 is any free port.")] = None,
    http_port: Annotated[int | None, typer.Option(help="REST, downloads, metrics; 0 is any free port.")] = None,
    device_url: Annotated[str | None, typer.Option(help="Scheme and host that devices download from.")] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="Write the addresses here, as JSON, once all doors are open.")
    ] = None,
) -> None:
    """Run the server until Ctrl-C or SIGTERM.

    Every setting is an option, too (``linkops settings`` lists them), a key of the --config file, and a LINKOPS_…
    variable of the environment. The first start creates the account admin and says its password; with
    --first-admin page it prints a link instead, where you choose a name and a password.

    Examples:
      linkops serve
      linkops serve --data-dir /var/lib/linkops --config /etc/linkops.toml
      linkops serve --first-admin page
      linkops serve --bind-host 0.0.0.0 --device-url https://ops.example.com --log-json true
    """
    chosen = settings_from(
        config,
        context.args,
        data_dir=data_dir,
        bind_host=bind_host,
        mqtt_port=mqtt_port,
        http_port=http_port,
        device_url=device_url,
    )
    from linkops.db.migrate import SchemaTooNew  # noqa: PLC0415 - the server is heavy
    from linkops.server import FolderInUse, WrongSettings, run  # noqa: PLC0415

    async def ready(server: "Server", where: "Addresses") -> None:
        services, link, password = server.services.api, None, None
        if chosen.first_admin == "generated":
            password = await services.accounts.create_first_admin()
        elif (code := await services.first_run.open()) is not None:
            link = f"{where.http}/console/welcome?code={code}"
        _announce(where, password, link)
        if ready_file is not None:
            write_ready_file(ready_file, where)

    try:
        run(chosen, ready)
    except (WrongSettings, FolderInUse, SchemaTooNew, OSError) as error:
        raise CommandFailed(f"The server cannot start: {error}") from None


def settings(as_json: AsJson = False) -> None:
    """List every setting: its option, its default and what it means."""
    from linkops.settings import Settings  # noqa: PLC0415

    rows = [
        {
            "option": f"--{name.replace('_', '-')}",
            "environment": f"LINKOPS_{name.upper()}",
            "default": "" if field.default is None else str(field.default),
            "meaning": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]
    columns = [Column("option", "option"), Column("default", "default"), Column("meaning", "meaning")]
    print_list(rows, columns, as_json=as_json, none="")


def write_ready_file(path: Path, where: "Addresses") -> None:
    """Write the addresses so that whoever sees the file sees all of it."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(where.as_dict()), "utf-8")
    new.replace(path)


def keep_first_password(data_dir: Path, password: str) -> Path:
    """Write the first password where only the server's user reads it, and return where."""
    path = data_dir / FIRST_PASSWORD
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{password}\n")
    return path


def _announce(where: "Addresses", password: str | None, first_run: str | None) -> None:
    typer.echo(f"MQTT      {where.mqtt} (TCP and TLS), {where.mqtt_tls} (TLS)")
    typer.echo(f"HTTP      {where.http}  (console: {where.http}/console, API: {where.http}/api/v1/docs)")
    typer.echo(f"Devices   {where.device_https}  (files, MQTT over WebSocket)")
    if where.ca_certificate:
        typer.echo(f"CA        {where.ca_certificate}  (development certificates: for devices that use TLS)")
    if first_run is not None:
        typer.echo(f"Set up    {first_run}  (make the first administrator; good until then, or the next start)")
    if password is not None and sys.stdout.isatty():
        typer.echo(f"Login     admin, password {password}  (shown this once: linkops login {where.http})")
    elif password is not None:
        # Standard output may be a journal that many read and nobody clears.
        typer.echo(f"Login     admin, password in {keep_first_password(Path(where.data_dir), password)}")
    sys.stdout.flush()
