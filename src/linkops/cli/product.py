"""``linkops product``."""

from typing import Annotated

import typer

from linkops.cli import device_logs, product_rule, product_topics, registration
from linkops.cli.keys import ProductArgument, product_path
from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_list, print_one, say

app = typer.Typer(name="product", help="Kinds of devices.", no_args_is_help=True)
app.add_typer(product_rule.app)
device_logs.register_for_products(app)
registration.register_for_products(app)
app.add_typer(product_topics.app)
app.command()(product_topics.broadcast)

_LISTED = [
    Column("product", "product_key"),
    Column("name", "name"),
    Column("node type", "node_type"),
    Column("created", at("created_at")),
]
_SHOWN = [
    Column("product", "product_key"),
    Column("name", "name"),
    Column("description", "description"),
    Column("node type", "node_type"),
    Column("authentication", "auth_type"),
    Column("registration", registration.describe),
    Column("devices", "devices"),
    Column("online", "online"),
    Column("created", at("created_at")),
    Column("changed", at("updated_at")),
]


@app.command("list")
def list_products(
    prefix: Annotated[str, typer.Option(help="Names that begin so.")] = "",
    limit: Most = 200,
    as_json: AsJson = False,
) -> None:
    """List products by name."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items("/products", limit, prefix=prefix)
        print_list(rows, _LISTED, as_json=as_json, none="No products. Create one: linkops product create NAME")


@app.command()
def show(product: ProductArgument, as_json: AsJson = False) -> None:
    """Show a product and how many devices it has."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(product_path(product)), _SHOWN, as_json=as_json)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Shown to people.")],
    description: Annotated[str, typer.Option(help="For people.")] = "",
    node_type: Annotated[str, typer.Option(help="device, gateway or subdevice.")] = "device",
    auth_type: Annotated[str, typer.Option(help="secret or x509.")] = "secret",
    key: Annotated[str | None, typer.Option(help="The product key of devices in the field; else generated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a product.

    Example:
      linkops product create "Water pumps"
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    new = {"name": name, "description": description, "node_type": node_type, "auth_type": auth_type}
    with connect() as client:
        made = client.post("/products", {**new, "product_key": key})
    say(f"Created the product {made['product_key']}.", made, as_json=as_json)


@app.command()
def edit(
    product: ProductArgument,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    description: Annotated[str | None, typer.Option(help="The new description.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a product's name or description."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        changed = client.patch(product_path(product), {"name": name, "description": description})
    say(f"Changed the product {product}.", changed, as_json=as_json)


@app.command()
def secret(product: ProductArgument, as_json: AsJson = False) -> None:
    """Show the secret with which a product's devices register. That it was shown is recorded."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        shown = client.post(f"{product_path(product)}/secret")
    say(shown["secret"], shown, as_json=as_json)


@app.command()
def delete(product: ProductArgument, yes: Yes = False) -> None:
    """Delete a product, for good. It must have no devices, packages or jobs any more."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Delete the product {product}?", yes=yes)
    with connect() as client:
        client.delete(product_path(product), confirm=product)
    say(f"Deleted the product {product}.")
