"""``linkops file``: files that devices uploaded."""

from pathlib import Path
from typing import Annotated, Any

import typer

from linkops.cli.keys import split_key
from linkops.cli.notation import TIME_HELP, read_time
from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_list, say
from linkops.cli.saving import save_bytes

app = typer.Typer(name="file", help="Files that devices uploaded.", no_args_is_help=True)

_AT_ONCE = 200
_LISTED = [
    Column("id", lambda row: str(row["id"]), right=True),
    Column("device", lambda row: f"{row['product_key']}/{row['device_name']}"),
    Column("name", "file_name"),
    Column("bytes", "size_bytes", right=True),
    Column("CRC-64", "crc64"),
    Column("checked", "checked"),
    Column("uploaded", at("created_at")),
]
FileId = Annotated[int, typer.Argument(metavar="FILE", min=1, help="A file's number: linkops file list.")]
FileIds = Annotated[list[int], typer.Argument(metavar="FILE...", min=1, help="Files by their numbers.")]


@app.command("list")
def list_files(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    device: Annotated[str | None, typer.Option(metavar="PRODUCT/DEVICE", help="Of this device.")] = None,
    prefix: Annotated[str, typer.Option(help="Names of files that begin so.")] = "",
    since: Annotated[str | None, typer.Option(help=f"Uploaded then or later, {TIME_HELP}")] = None,
    until: Annotated[str | None, typer.Option(help="Uploaded earlier.")] = None,
    order: Annotated[str, typer.Option(help="newest, oldest, name or largest.")] = "newest",
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List files that devices uploaded.

    Examples:
      linkops file list --product a1B2c3D4e5F --prefix crash
      linkops file list --device a1B2c3D4e5F/pump-7 --order largest
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    product_key, device_name = (product, None) if device is None else split_key(device)
    wanted = {"product_key": product_key, "device_name": device_name, "name_prefix": prefix or None, "order": order}
    with connect() as client:
        rows = client.items("/device-files", limit, **wanted, since=_moment(since), until=_moment(until))
        print_list(rows, _LISTED, as_json=as_json, none="No such files.")


def _moment(text: str | None) -> int | None:
    from datetime import datetime  # noqa: PLC0415

    return None if text is None else read_time(text, datetime.now().astimezone())


@app.command("get")
def get_file(
    file: FileId,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="A new file; else the device's name for it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Download a file; that you did so is recorded.

    Examples:
      linkops file get 12
      linkops file get 12 --output crash.bin
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        shown = client.get(f"/device-files/{file}")
        # The server gives out no names that lead elsewhere; this is for the day when it is not the server.
        target = output or Path(Path(shown["file_name"]).name)
        with client.download(f"/device-files/{file}/content") as pieces:
            save_bytes(pieces, target, shown["size_bytes"], shown["sha256"])
    say(f"Wrote {target}, {shown['size_bytes']:,} bytes.", {**shown, "path": str(target)}, as_json=as_json)


@app.command()
def delete(files: FileIds, yes: Yes = False) -> None:
    """Delete files, for good. Of up to 200, all are deleted or none."""
    from linkops.cli.client import connect  # noqa: PLC0415

    number = f"the file {files[0]}" if len(files) == 1 else f"{len(files)} files"
    confirm(f"Delete {number} for good?", yes=yes)
    deleted = 0
    with connect() as client:
        for start in range(0, len(files), _AT_ONCE):
            named: dict[str, Any] = {"ids": files[start : start + _AT_ONCE]}
            deleted += client.post("/device-files/delete", named)["deleted"]
    say(f"Deleted {deleted} files.")
