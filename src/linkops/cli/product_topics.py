"""``linkops product topic``: where the devices of a product may publish and subscribe; and ``broadcast``."""

from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.keys import ProductArgument, product_path
from linkops.cli.output import AsJson, Column, print_list, say
from linkops.cli.payloads import PayloadFile, PayloadText, read_payload

app = typer.Typer(name="topic", help="Custom topics: where devices may publish and subscribe.", no_args_is_help=True)

_LISTED = [Column("user/…", "path"), Column("devices may", "access")]
_OPEN = "No rules: everything below user/ is open to the devices."

Paths = list[str] | None


def _path(product: str) -> str:
    return f"{product_path(product)}/topics"


@app.command("list")
def list_topics(product: ProductArgument, as_json: AsJson = False) -> None:
    """List the rules of a product."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_list(client.get(_path(product))["rules"], _LISTED, as_json=as_json, none=_OPEN)


@app.command("set")
def set_topics(
    product: ProductArgument,
    publish: Annotated[Paths, typer.Option(metavar="PATH", help="Devices may publish there.")] = None,
    subscribe: Annotated[Paths, typer.Option(metavar="PATH", help="Devices may subscribe there.")] = None,
    both: Annotated[Paths, typer.Option(metavar="PATH", help="Both.")] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="As on the vendor's platform: get, update and error.")
    ] = False,
    everything: Annotated[bool, typer.Option("--open", help="No rules any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Replace the rules of a product; connected devices are held to the new ones at once.

    PATH is what follows user/ in a topic; + is any level, # the rest.

    Examples:
      linkops product topic set a1B2c3D4e5F --publish 'telemetry/+' --subscribe 'cmd/#' --both get
      linkops product topic set a1B2c3D4e5F --open
    """
    from linkops.cli.client import connect  # noqa: PLC0415
    from linkops.devices.topics.model import VENDOR_RULES  # noqa: PLC0415

    given = {"publish": publish or [], "subscribe": subscribe or [], "both": both or []}
    rules = [{"path": path, "access": access} for access, paths in given.items() for path in paths]
    if bool(rules) + defaults + everything != 1:
        raise CommandFailed("Say either the paths, --defaults or --open.")
    if defaults:
        rules = [rule._asdict() for rule in VENDOR_RULES]
    with connect() as client:
        rules = client.put(_path(product), {"rules": rules})["rules"]
    print_list(rules, _LISTED, as_json=as_json, none=_OPEN)


def broadcast(
    product: ProductArgument,
    path: Annotated[str, typer.Option(help="What follows /broadcast/PRODUCT/ in the topic.")],
    text: PayloadText = None,
    file: PayloadFile = None,
    qos: Annotated[int, typer.Option(min=0, max=1, help="1: those who listen acknowledge it.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Send a message to all devices of a product that subscribe to it now; nothing is kept for the others.

    Example:
      linkops product broadcast a1B2c3D4e5F --path news --text 'maintenance at noon'
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    message: dict[str, Any] = {"path": path, "qos": qos, **read_payload(text, file)}
    with connect() as client:
        sent = client.post(f"{product_path(product)}/broadcasts", message)
    say(f"Written to {sent['delivered']:,} devices.", sent, as_json=as_json)
