"""``linkops package``."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_list, print_one, say

if TYPE_CHECKING:
    from linkops.cli.client import Client

app = typer.Typer(
    name="package", help="What devices download: a file that brings a module to a version.", no_args_is_help=True
)

PackageId = Annotated[int, typer.Argument(metavar="PACKAGE", min=1, help="A package's number.")]
_CHUNK_BYTES = 256 * 1024
_SUFFIXES = re.compile(r"(\.(bin|dav|tar|gz|zip|gzip|apk|xz|pack))+$")
_MAX_NAME_CHARS = 40


def _size(row: Any) -> int:
    return sum(file["size_bytes"] for file in row["files"])


_LISTED = [
    Column("id", "id", right=True),
    Column("name", "name"),
    Column("product", "product_key"),
    Column("module", "module"),
    Column("version", "version"),
    Column("bytes", _size, right=True),
    Column("created", at("created_at")),
]
_SHOWN = [
    *_LISTED,
    Column("created by", "created_by"),
    Column("description", "description"),
    Column("custom info", "custom_info"),
    Column("signed with", "sign_method"),
    Column("file", lambda row: [file["file_name"] for file in row["files"]]),
    Column("SHA-256", lambda row: [file["sha256"] for file in row["files"]]),
    Column("MD5", lambda row: [file["md5"] for file in row["files"]]),
]


@app.command("list")
def list_packages(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    module: Annotated[str | None, typer.Option(help="Of this module.")] = None,
    version: Annotated[str | None, typer.Option(help="Of this version.")] = None,
    prefix: Annotated[str | None, typer.Option(help="Names that begin so.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List packages, newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items(
            "/ota/packages", limit, product_key=product, module=module, version=version, name_prefix=prefix
        )
        print_list(rows, _LISTED, as_json=as_json, none="No packages. Create one: linkops package create FILE …")


@app.command()
def show(package: PackageId, as_json: AsJson = False) -> None:
    """Show a package with the digests of its file."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(f"/ota/packages/{package}"), _SHOWN, as_json=as_json)


@app.command()
def create(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What devices download.")],
    product: Annotated[str, typer.Option(help="The product that it is for.")],
    version: Annotated[str, typer.Option(help="What devices report once it runs.")],
    module: Annotated[str, typer.Option(help="The part of a device that it is for.")] = "default",
    name: Annotated[str | None, typer.Option(help="Unique; else made of file and version.")] = None,
    description: Annotated[str, typer.Option(help="For people.")] = "",
    custom_info: Annotated[str, typer.Option(help="For devices, handed on as it is.")] = "",
    sign_method: Annotated[str, typer.Option(help="SHA256 or MD5: which digest devices compare.")] = "SHA256",
    as_json: AsJson = False,
) -> None:
    """Upload a file and make a package of it.

    Example:
      linkops package create pump-2.1.0.bin --product a1B2c3D4e5F --version 2.1.0
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    new = {
        "product_key": product,
        "module": module,
        "name": name or default_name(file, version),
        "version": version,
        "description": description,
        "custom_info": custom_info,
        "sign_method": sign_method.upper(),
    }
    with connect() as client:
        upload = send_file(client, file)
        made = client.create("/ota/packages", {**new, "upload_id": upload["id"]})
    say(f"Created the package {made['id']}, {made['name']}. Next: linkops job create --package {made['id']} --all",
        made, as_json=as_json)  # fmt: skip


@app.command()
def edit(
    package: PackageId,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    description: Annotated[str | None, typer.Option(help="The new description.")] = None,
    custom_info: Annotated[str | None, typer.Option(help="The new custom info.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a package's name, description or custom info; file and version stay."""
    from linkops.cli.client import connect  # noqa: PLC0415

    change = {"name": name, "description": description, "custom_info": custom_info}
    with connect() as client:
        changed = client.patch(f"/ota/packages/{package}", change)
    say(f"Changed the package {package}.", changed, as_json=as_json)


@app.command()
def delete(package: PackageId, yes: Yes = False) -> None:
    """Delete a package and its file, for good. The history of its jobs stays."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Delete the package {package} for good?", yes=yes)
    with connect() as client:
        client.delete(f"/ota/packages/{package}")
    say(f"Deleted the package {package}.")


def send_file(client: "Client", path: Path) -> dict[str, Any]:
    """Upload a file with a progress bar and return what the server stored."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn  # noqa: PLC0415

    columns = ("Uploading", BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress, path.open("rb") as file:
        bar = progress.add_task("", total=path.stat().st_size)

        def chunks() -> Iterator[bytes]:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
                progress.advance(bar, len(chunk))

        return client.send_stream("/uploads", chunks(), "application/octet-stream", file_name=path.name)


def default_name(file: Path, version: str) -> str:
    """Return a package name of file and version that the rules of names allow."""
    stem = re.sub(r"[^A-Za-z0-9_()-]+", "-", _SUFFIXES.sub("", file.name)).strip("-_()") or "package"
    ending = "-" + re.sub(r"[^A-Za-z0-9_()-]+", "-", version)
    return stem if stem.endswith(ending) else stem[: max(1, _MAX_NAME_CHARS - len(ending))] + ending
