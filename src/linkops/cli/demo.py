"""``linkops demo``: a server with a simulated fleet that is being updated."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkops.cli.configuration import TAKES_SETTINGS, settings_from
from linkops.cli.failures import CommandFailed

if TYPE_CHECKING:
    from rich.console import Console

    from linkops.server import Addresses, Server
    from linkops.settings import Settings

_PORTS = ("mqtt_port", "mqtt_tls_port", "http_port", "device_https_port")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Server", context_settings=TAKES_SETTINGS)(demo)


def demo(
    context: typer.Context,
    devices: Annotated[int, typer.Option(min=1, max=999, help="How many devices to simulate.")] = 50,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the database, keys and files.")] = None,
    exit_after_rollout: Annotated[bool, typer.Option(help="End when the rollout has ended.")] = False,
) -> None:
    """Start the server, simulate a fleet, update it in front of you, and go on serving until Ctrl-C.

    The data stays in ./linkops-data: a second demo finds its devices again and rolls the next version out. A port
    that is taken is replaced by a free one.

    Examples:
      linkops demo
      linkops demo --devices 200 --data-dir /tmp/tour
    """
    settings = _with_free_ports(settings_from(None, context.args, data_dir=data_dir))
    from linkops.db.migrate import SchemaTooNew  # noqa: PLC0415 - the server is heavy
    from linkops.server import FolderInUse, WrongSettings, run  # noqa: PLC0415

    async def ready(server: "Server", where: "Addresses") -> None:
        await _tour(server, where, devices, stay=not exit_after_rollout)
        os.kill(os.getpid(), signal.SIGTERM)

    try:
        run(settings, ready)
    except (WrongSettings, FolderInUse, SchemaTooNew, OSError) as error:
        raise CommandFailed(f"The demo cannot start: {error}") from None


async def _tour(server: "Server", where: "Addresses", devices: int, *, stay: bool) -> None:
    """Give the tour; the devices live until it ends, which is when the server stops if they ``stay``."""
    from rich.console import Console  # noqa: PLC0415

    from linkops.cli import tour  # noqa: PLC0415

    services = server.services.api
    console = Console(highlight=False, soft_wrap=True)
    password = await services.accounts.create_first_admin()
    with console.status("Registering devices"):
        fleet = await tour.prepare(services, devices)
    async with tour.processes(where, fleet) as simulated:
        with console.status(f"Connecting {devices} devices"):
            await tour.all_online(simulated, devices)
        console.print(f"{devices} simulated devices are online; they run {fleet.version}.")
        job = await tour.start_rollout(services, fleet.version)
        summary = await tour.show_rollout(services, job, console)
        console.print(
            f"The rollout has ended: {summary['counts']['SUCCEEDED']} of {devices} devices run {job.version}."
        )
        _say_where(console, where, password)
        if stay:
            console.print("Serving until Ctrl-C.")
            await asyncio.Event().wait()


def _say_where(console: "Console", where: "Addresses", password: str | None) -> None:
    console.print(f"""
Console    {where.http}/console
API        {where.http}/api/v1/docs
MQTT       {where.mqtt} (TCP and TLS), {where.mqtt_tls} (TLS; trust {where.ca_certificate})
Devices    {where.device_https} (files, MQTT over WebSocket)
Data       {where.data_dir}""")
    if password is None:
        reset = f"linkops user reset-password admin --local --data-dir {where.data_dir}"
        console.print(f"Login      admin, with the password of the first start; a new one: {reset}\n")
    else:
        console.print(f"Login      admin, password {password} (shown this once: linkops login {where.http})\n")


def _with_free_ports(settings: "Settings") -> "Settings":
    """Return the settings with a free port for each one that is taken, and say so."""
    taken = {
        name: getattr(settings, name) for name in _PORTS if not _is_free(settings.bind_host, getattr(settings, name))
    }
    for name, port in taken.items():
        typer.echo(f"Port {port} is taken: {name} becomes a free one.")
    # The log of a server that somebody watches is what goes wrong.
    quiet = {} if "log_level" in settings.model_fields_set else {"log_level": "warning"}
    return settings.model_copy(update=dict.fromkeys(taken, 0) | quiet)


def _is_free(host: str, port: int) -> bool:
    try:
        socket.create_server((host, port)).close()
    except OSError:
        return False
    return True
