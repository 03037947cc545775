"""``linkops simulate``: devices on the wire, as many as wanted, that do with an update what they are told."""

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.output import AsJson, print_json
from linkops.cli.simulated_fleet import Wanted, fleet
from linkops.cli.simulated_registration import REGISTER_HELP, Registering

if TYPE_CHECKING:
    from linkops.simulator import Statistics
    from linkops.simulator.processes import FleetProcesses

_LOOK_EVERY_S = 0.5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel="Server")(simulate)


def simulate(
    devices: Annotated[int, typer.Option(min=1, help="How many devices, where there are no gateways.")] = 50,
    gateways: Annotated[int, typer.Option(min=0, help="Gateways instead, that carry the sub-devices.")] = 0,
    sub_devices: Annotated[int, typer.Option(min=1, max=2_000, help="Sub-devices of each gateway.")] = 20,
    behaviour: Annotated[
        str, typer.Option(help="One behaviour, or a mix as in succeed=90,fail:-2=5,hang=5.")
    ] = "succeed",
    product: Annotated[
        str | None, typer.Option(help="Product of the new devices, or sub-devices; else one of its own.")
    ] = None,
    identities: Annotated[
        Path | None,
        typer.Option(help="CSV of names, secrets, client ids and gateways: read if it exists, else written."),
    ] = None,
    mqtt: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="The MQTT door; else port 1883 of the server.")
    ] = None,
    ca: Annotated[Path | None, typer.Option(exists=True, help="Connect over TLS and trust this certificate.")] = None,
    register: Annotated[str | None, typer.Option(metavar="mqtt|token|URL", help=REGISTER_HELP)] = None,
    version: Annotated[str, typer.Option(help="What the devices run at first.")] = "1.0.0",
    pull: Annotated[bool, typer.Option(help="Ask for updates instead of waiting for a push.")] = False,
    ask_time: Annotated[bool, typer.Option("--ask-time", help="Ask what time it is after every login (NTP).")] = False,
    publisher_key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="PEM: install only what this key has signed.")
    ] = None,
    configuration: Annotated[
        str, typer.Option(help="What devices do with a configuration: acknowledge, fetch, refuse or ignore.")
    ] = "acknowledge",
    connects_per_s: Annotated[float | None, typer.Option(min=0.1, help="How fast devices connect.")] = None,
    block_bytes: Annotated[
        int, typer.Option(min=256, max=131_072, help="Size of the blocks of downloads over MQTT.")
    ] = 10_240,
    duration_s: Annotated[float | None, typer.Option(min=1, help="End after so long; else at Ctrl-C.")] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate devices against a running server.

    The devices are created over the API, as whom you are logged in, unless a file says who they are. Behaviours are
    succeed, fail:-1 to fail:-4, hang, wrong-version, disconnect, corrupt, lossy, slow and silent.

    Examples:
      linkops simulate --devices 20000 --connects-per-s 1000
      linkops simulate --gateways 2 --sub-devices 100
      linkops simulate --devices 100 --behaviour succeed=90,fail:-2=5,hang=5 --identities fleet.csv
      linkops simulate --devices 10 --product a1B2c3D4e5F --register mqtt --ca linkops-data/tls/ca.pem
    """
    from linkops.simulator import Mix, Pace, UnknownBehaviour  # noqa: PLC0415
    from linkops.simulator.configuring import CONFIG_BEHAVIOURS  # noqa: PLC0415
    from linkops.simulator.processes import divide  # noqa: PLC0415
    from linkops.simulator.publisher import Publisher  # noqa: PLC0415
    from linkops.simulator.worker import Orders, raise_file_limit  # noqa: PLC0415

    try:
        Mix.parse(behaviour)
        key = publisher_key.read_text() if publisher_key else ""
        if key:
            Publisher(key)
    except UnknownBehaviour as error:
        raise CommandFailed(str(error)) from None
    except ValueError:
        raise CommandFailed(f"{publisher_key} holds no RSA public key in PEM.") from None
    if configuration not in CONFIG_BEHAVIOURS:
        raise CommandFailed(f"{configuration!r} is not one of {', '.join(CONFIG_BEHAVIOURS)}.")
    raise_file_limit()
    host, port = _door(mqtt)
    orders = Orders(
        host=host,
        port=port,
        tls_ca=str(ca) if ca else "",
        tls_name="localhost" if ca else None,
        identities=fleet(
            Wanted(devices, gateways, sub_devices, product), identities, Registering(register, (host, port), ca)
        ),
        behaviour=behaviour,
        pace=Pace(block_bytes=block_bytes),
        version=version,
        pulls=pull,
        asks_time=ask_time,
        publisher_key=key,
        configuration=configuration,
        connects_per_s=connects_per_s,
    )
    asyncio.run(_run(divide(orders), duration_s, as_json=as_json))


async def _run(orders: list[Any], duration_s: float | None, *, as_json: bool) -> None:
    from linkops.simulator.processes import FleetProcesses  # noqa: PLC0415

    fleet = FleetProcesses(orders)
    started = time.monotonic()
    _end_when_told()
    try:
        async with fleet, asyncio.timeout(duration_s):
            await _watch(fleet, started, quiet=as_json)
    except (TimeoutError, asyncio.CancelledError):
        pass
    if as_json:
        print_json(fleet.statistics.summary())
    else:
        _console().print(_table(fleet.statistics, time.monotonic() - started))


def _end_when_told() -> None:
    """Cancel the running task at SIGINT or SIGTERM, also where SIGINT was ignored at the start (jobs of a script)."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


async def _watch(fleet: "FleetProcesses", started: float, *, quiet: bool) -> None:
    """Show the figures until a process ends that should not.

    Raises:
        CommandFailed: when one did.
    """
    from rich.live import Live  # noqa: PLC0415

    failed = asyncio.ensure_future(fleet.failed())
    console = _console()
    try:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            while not failed.done():
                if not quiet and console.is_terminal:
                    live.update(_table(fleet.statistics, time.monotonic() - started))
                await asyncio.sleep(_LOOK_EVERY_S)
    finally:
        failed.cancel()
    raise CommandFailed("A process of the simulator has ended; the lines above say why.")


def _console() -> Any:
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=False, highlight=False)


def _table(statistics: "Statistics", elapsed_s: float) -> Any:
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _figures(statistics, elapsed_s):
        table.add_row(name, value)
    return table


def _figures(statistics: "Statistics", elapsed_s: float) -> Iterator[tuple[str, str]]:
    yield "online", f"{statistics.online:,} of {statistics.devices:,} devices"
    yield "connects", f"{statistics.connects:,}, {statistics.connects / max(elapsed_s, 1e-9):,.0f}/s"
    yield "connect latency", _latency(statistics.connect.summary())
    yield "reports", f"{statistics.reports:,} acknowledged"
    yield "acknowledge latency", _latency(statistics.acknowledge.summary())
    yield "updates offered", f"{statistics.offers:,}; {statistics.received_bytes:,} bytes downloaded"
    yield "outcomes", _counts(statistics.outcomes)
    yield "configurations", _counts(statistics.configurations)
    yield "questions", f"{statistics.answers:,} answered"
    yield "lost, refused", f"{statistics.losses:,} lost; refused: {_counts(statistics.refusals)}"


def _latency(percentiles: dict[str, float | None]) -> str:
    return ", ".join(f"{name.removesuffix('_ms')} {value:g} ms" for name, value in percentiles.items() if value) or "-"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "none"


def _door(mqtt: str | None) -> tuple[str, int]:
    if mqtt is None:
        from linkops.cli.profile import load_profile  # noqa: PLC0415

        return urlsplit(load_profile().url).hostname or "127.0.0.1", 1883
    host, colon, port = mqtt.rpartition(":")
    if not colon or not port.isdecimal():
        raise CommandFailed(f"{mqtt!r} is no address: write HOST:PORT.")
    return host.strip("[]"), int(port)
