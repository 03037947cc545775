"""``linkops group``: the groups themselves."""

from typing import Annotated

import typer

from linkops.cli import group_members
from linkops.cli.conditions import Where, query_of, written
from linkops.cli.failures import CommandFailed
from linkops.cli.group_members import DEVICE_COLUMNS, GroupArgument, devices_of
from linkops.cli.output import AsJson, Column, Most, Row, Yes, at, confirm, print_json, print_list, print_one, say

app = typer.Typer(name="group", help="Groups of devices: put together by hand, or by a query.", no_args_is_help=True)
group_members.register(app)


def _indented(row: Row) -> str:
    return f"{'  ' * (row['level'] - 1)}{row['name']}"


def _query(row: Row) -> str:
    return " and ".join(written(condition) for condition in row["query"])


_LISTED = [
    Column("id", lambda row: str(row["id"]), right=True),
    Column("group", _indented),
    Column("product", lambda row: row["product_key"] or "all"),
    Column("kind", "kind"),
    Column("query", _query),
]
_SHOWN = [
    Column("id", lambda row: str(row["id"])),
    Column("group", lambda row: " / ".join(row["path"])),
    Column("product", lambda row: row["product_key"] or "all"),
    Column("description", "description"),
    Column("kind", "kind"),
    Column("query", _query),
    Column("devices", lambda row: devices_of(row["devices"], capped=row["devices_capped"])),
    Column("groups below", "sub_groups"),
    Column("created by", "created_by"),
    Column("created", at("created_at")),
    Column("changed", at("updated_at")),
]
Product = Annotated[str | None, typer.Option(help="Of this product; else over all products.")]


@app.command("list")
def list_groups(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    kind: Annotated[str | None, typer.Option(help="static or dynamic.")] = None,
    limit: Most = 200,
    as_json: AsJson = False,
) -> None:
    """List groups, each followed by those below it."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items("/groups", limit, product_key=product, kind=kind)
        print_list(rows, _LISTED, as_json=as_json, none="No groups. Create one: linkops group create NAME")


@app.command()
def show(group: GroupArgument, as_json: AsJson = False) -> None:
    """Show a group and how many devices it has now."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(f"/groups/{group}"), _SHOWN, as_json=as_json)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Shown to people.")],
    product: Product = None,
    below: Annotated[int | None, typer.Option(metavar="GROUP", help="The id of the group that it is part of.")] = None,
    where: Where = None,
    description: Annotated[str, typer.Option(help="For people.")] = "",
    as_json: AsJson = False,
) -> None:
    """Create a group: with conditions a dynamic one, otherwise one whose devices you put in.

    Examples:
      linkops group create "Hall east" --product a1B2c3D4e5F
      linkops group create "Row 1" --below 7
      linkops group create "New in Berlin" --product a1B2c3D4e5F --where tag:site=berlin --where activated-within=7
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    new = {"name": name, "description": description, "product_key": product, "parent_id": below}
    with connect() as client:
        made = client.post("/groups", {**new, "query": query_of(where) if where else None})
    say(f"Created the {made['kind']} group {made['id']}.", made, as_json=as_json)


@app.command()
def edit(
    group: GroupArgument,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    description: Annotated[str | None, typer.Option(help="The new description.")] = None,
    where: Where = None,
    as_json: AsJson = False,
) -> None:
    """Change a group's name or description, or replace the whole query of a dynamic one."""
    from linkops.cli.client import connect  # noqa: PLC0415

    query = query_of(where) if where else None
    with connect() as client:
        changed = client.patch(f"/groups/{group}", {"name": name, "description": description, "query": query})
    say(f"Changed the group {group}.", changed, as_json=as_json)


@app.command()
def delete(group: GroupArgument, yes: Yes = False) -> None:
    """Delete a group that has none below it. Its devices and their updates stay."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Delete the group {group}?", yes=yes)
    with connect() as client:
        client.delete(f"/groups/{group}")
    say(f"Deleted the group {group}.")


@app.command()
def preview(
    where: Where = None,
    product: Product = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Show at most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Count the devices that a dynamic group would have now, and show the first of them.

    Example:
      linkops group preview --product a1B2c3D4e5F --where version:default=1.0.0 --where online
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    if not where:
        raise CommandFailed("Say which devices: --where CONDITION.")
    with connect() as client:
        found = client.post("/groups/preview", {"product_key": product, "query": query_of(where), "limit": limit})
    if as_json:
        print_json(found)
        return
    print_list(found["items"], DEVICE_COLUMNS, as_json=False, none="No such devices.")
    typer.echo(f"{devices_of(found['total'], capped=found['total_capped'])} devices.")
