"""``linkops device``: looking at devices and creating them."""

from typing import Annotated

import typer

from linkops.cli import device_changes, device_lists, device_logs, device_messages, device_sending, registration
from linkops.cli.failures import CommandFailed
from linkops.cli.gateway import gateway_of
from linkops.cli.keys import DeviceArgument, ProductArgument, device_path, product_path
from linkops.cli.notation import read_tag_wanted
from linkops.cli.output import AsJson, Column, Most, Row, at, print_list, print_one

app = typer.Typer(name="device", help="Devices: registered, online, and what they run.", no_args_is_help=True)
for part in (device_changes, device_lists, device_logs, device_messages, device_sending):
    part.register(app)
registration.register_for_devices(app)


def _address(row: Row) -> str:
    return f"{row['product_key']}/{row['device_name']}"


_LISTED = [
    Column("device", _address),
    Column("nickname", "nickname"),
    Column("state", "state"),
    Column("last seen", at("last_seen_at")),
    Column("tags", "tags"),
]
_SHOWN = [
    *_LISTED,
    Column("enabled", "enabled"),
    Column("address", "address"),
    Column("SDK", lambda row: " ".join(filter(None, (row["sdk_language"], row["sdk_version"])))),
    Column("versions", "versions"),
    Column("groups", "groups"),
    Column("gateway", gateway_of),
    Column("sub-devices", "sub_devices"),
    Column("last login", at("online_at")),
    Column("offline since", at("offline_at")),
    Column("first login", at("activated_at")),
    Column("created", at("created_at")),
    Column("changed", at("updated_at")),
]
_CREATED = [
    Column("product", "product_key"),
    Column("device", "device_name"),
    Column("secret", "device_secret"),
]
_TASKS = [
    Column("job", "job_id", right=True),
    Column("package", "package_name"),
    Column("module", "module"),
    Column("from", "source_version"),
    Column("to", "version"),
    Column("status", "status"),
    Column("step", "step", right=True),
    Column("why", "failure_kind"),
    Column("since", at("updated_at")),
]


@app.command("list")
def list_devices(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    prefix: Annotated[str, typer.Option(help="Device names that begin so.")] = "",
    online: Annotated[bool | None, typer.Option("--online/--offline", help="Connected now, or not.")] = None,
    enabled: Annotated[bool | None, typer.Option("--enabled/--disabled", help="May connect, or not.")] = None,
    activated: Annotated[bool | None, typer.Option("--activated/--inactive", help="Ever connected, or not.")] = None,
    tag: Annotated[str | None, typer.Option(metavar="KEY[=VALUE]", help="With this tag.")] = None,
    module: Annotated[str | None, typer.Option(help="That reported this module (with --product).")] = None,
    version: Annotated[str | None, typer.Option(help="That run this version (with --product).")] = None,
    group: Annotated[int | None, typer.Option(min=1, help="In this group, or one below it.")] = None,
    order: Annotated[str, typer.Option(help="name, newest, oldest or last_seen.")] = "name",
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List devices.

    Examples:
      linkops device list --product a1B2c3D4e5F --online
      linkops device list --tag site=berlin --json
      linkops device list --product a1B2c3D4e5F --module default --version 1.0.0
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    wanted = {
        "product_key": product,
        "name_prefix": prefix,
        "online": online,
        "enabled": enabled,
        "activated": activated,
        **read_tag_wanted(tag),
        "module": module or ("default" if version else None),
        "version": version,
        "group_id": group,
        "order": order,
    }
    with connect() as client:
        print_list(client.items("/devices", limit, **wanted), _LISTED, as_json=as_json, none="No such devices.")


@app.command()
def show(device: DeviceArgument, as_json: AsJson = False) -> None:
    """Show a device: its state, where it comes from, what it runs, the static groups that it is in."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        shown = client.get(device_path(device))
        modules = client.get(f"{device_path(device)}/modules")["items"]
        groups = client.get(f"{device_path(device)}/groups")["items"]
    versions = {module["module"]: module["version"] for module in modules}
    paths = [" / ".join(group["path"]) for group in groups]
    print_one({**shown, "versions": versions, "groups": paths}, _SHOWN, as_json=as_json)


@app.command()
def create(
    product: ProductArgument,
    name: Annotated[str | None, typer.Argument(help="The device name; else generated.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Create so many, with generated names.")] = None,
    nickname: Annotated[str, typer.Option(help="Shown to people.")] = "",
    secret: Annotated[str | None, typer.Option(help="Of a device in the field that has one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a device, or many; their secrets are printed.

    Many with names of your own: linkops device import.

    Examples:
      linkops device create a1B2c3D4e5F pump-7
      linkops device create a1B2c3D4e5F --count 500 --json
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    if count is not None and (name or nickname or secret):
        raise CommandFailed("--count generates names and secrets: leave the others out.")
    path = f"{product_path(product)}/devices"
    with connect() as client:
        if count is None:
            new = {"device_name": name, "nickname": nickname, "device_secret": secret}
            created = [client.post(path, new)]
        else:
            created = client.post(f"{path}/generate", {"count": count})["items"]
    print_list(created, _CREATED, as_json=as_json, none="")


@app.command()
def tasks(device: DeviceArgument, limit: Most = 20, as_json: AsJson = False) -> None:
    """List a device's updates, newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items(f"{device_path(device)}/tasks", limit)
        print_list(rows, _TASKS, as_json=as_json, none=f"{device} was never part of a job.")
