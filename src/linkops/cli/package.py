"""``linkops package``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from linkops.cli import package_diffs, package_verify
from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_list, print_one, say
from linkops.cli.package_files import default_name, send_file

app = typer.Typer(
    name="package", help="What devices download: files that bring a module to a version.", no_args_is_help=True
)
package_diffs.register(app)
package_verify.register(app)

PackageId = Annotated[int, typer.Argument(metavar="PACKAGE", min=1, help="A package's number.")]


def _size(row: Any) -> int:
    return sum(file["size_bytes"] for file in row["files"])


_LISTED = [
    Column("id", "id", right=True),
    Column("name", "name"),
    Column("product", "product_key"),
    Column("module", "module"),
    Column("kind", "kind"),
    Column("from", "source_version"),
    Column("version", "version"),
    Column("status", "status"),
    Column("bytes", _size, right=True),
    Column("created", at("created_at")),
]
_SHOWN = [
    *_LISTED,
    Column("created by", "created_by"),
    Column("description", "description"),
    Column("custom info", "custom_info"),
    Column("for devices on", lambda row: row["required_versions"] or "any version"),
    Column("patch format", "patch_format"),
    Column("saves", lambda row: package_diffs.saved(row["saved_percent"], row["whole_size_bytes"])),
    Column("digest", "sign_method"),
    Column("file", lambda row: [file["file_name"] for file in row["files"]]),
    Column("SHA-256", lambda row: [file["sha256"] for file in row["files"]]),
    Column("MD5", lambda row: [file["md5"] for file in row["files"]]),
    Column("signed by", lambda row: sorted({file["signed_by"] for file in row["files"]} - {""})),
    Column("signature", lambda row: [file["digestsign"] for file in row["files"] if file["digestsign"]]),
]


@app.command("list")
def list_packages(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    module: Annotated[str | None, typer.Option(help="Of this module.")] = None,
    version: Annotated[str | None, typer.Option(help="Of this version.")] = None,
    prefix: Annotated[str | None, typer.Option(help="Names that begin so.")] = None,
    kind: Annotated[str | None, typer.Option(help="full or diff.")] = None,
    status: Annotated[str | None, typer.Option(help="not_required, unverified, verifying, verified or failed.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List packages, newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        wanted = {"product_key": product, "module": module, "version": version, "name_prefix": prefix}
        rows = client.items("/ota/packages", limit, **wanted, kind=kind, status=status)
        print_list(rows, _LISTED, as_json=as_json, none="No packages. Create one: linkops package create FILE …")


@app.command()
def show(package: PackageId, as_json: AsJson = False) -> None:
    """Show a package with the digests and signatures of its files."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(f"/ota/packages/{package}"), _SHOWN, as_json=as_json)


@app.command()
def create(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="What devices download; 1 to 20.")],
    product: Annotated[str, typer.Option(help="The product that it is for.")],
    version: Annotated[str, typer.Option(help="What devices report once it runs.")],
    module: Annotated[str, typer.Option(help="The part of a device that it is for.")] = "default",
    name: Annotated[str | None, typer.Option(help="Unique; else made of file and version.")] = None,
    source_version: Annotated[str, typer.Option(help="The file is a patch for this version.")] = "",
    require_version: Annotated[list[str] | None, typer.Option(help="Only for devices on it; repeatable.")] = None,
    needs_verification: Annotated[bool, typer.Option(help="Only a verified package may go to many devices.")] = False,
    description: Annotated[str, typer.Option(help="For people.")] = "",
    custom_info: Annotated[str, typer.Option(help="For devices, handed on as it is.")] = "",
    sign_method: Annotated[str, typer.Option(help="SHA256 or MD5: which digest devices compare.")] = "SHA256",
    diff_from: Annotated[
        int | None,
        typer.Option(metavar="PACKAGE", help="Also make a patch for devices that run this one."),
    ] = None,
    compression: package_diffs.Compressed = "heatshrink",
    as_json: AsJson = False,
) -> None:
    """Upload files and make a package of them.

    Examples:
      linkops package create pump-2.1.0.bin --product a1B2c3D4e5F --version 2.1.0
      linkops package create pump-2.2.0.bin --product a1B2c3D4e5F --version 2.2.0 --diff-from 12
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    new = {
        "product_key": product,
        "module": module,
        "name": name or default_name(files[0], version),
        "kind": "diff" if source_version else "full",
        "source_version": source_version,
        "version": version,
        "required_versions": require_version or [],
        "needs_verification": needs_verification,
        "description": description,
        "custom_info": custom_info,
        "sign_method": sign_method.upper(),
        "diff_from": diff_from,
        "compression": compression,
    }
    with connect() as client:
        stored = [{"upload_id": send_file(client, file)["id"]} for file in files]
        made = client.create("/ota/packages", {**new, "files": stored})
        then = f"linkops job create --package {made['id']} --all --rate 100"
        say(f"Created the package {made['id']}, {made['name']}. Next: {then}", made, as_json=as_json)
        if made["diff_id"] is not None and not as_json:
            package_diffs.follow(client, made["diff_id"])


@app.command()
def edit(
    package: PackageId,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    description: Annotated[str | None, typer.Option(help="The new description.")] = None,
    custom_info: Annotated[str | None, typer.Option(help="The new custom info.")] = None,
    require_version: Annotated[list[str] | None, typer.Option(help="Only for devices on it; repeatable.")] = None,
    any_version: Annotated[bool, typer.Option("--any-version", help="For devices on any version.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change a package's name, description, custom info or required versions; files and version stay."""
    from linkops.cli.client import connect  # noqa: PLC0415

    required = [] if any_version else require_version or None
    change = {"name": name, "description": description, "custom_info": custom_info, "required_versions": required}
    with connect() as client:
        changed = client.patch(f"/ota/packages/{package}", change)
    say(f"Changed the package {package}.", changed, as_json=as_json)


@app.command()
def sign(package: PackageId, as_json: AsJson = False) -> None:
    """Sign a package again, with the key that its product has now."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        signed = client.post(f"/ota/packages/{package}/sign")
    say(f"Signed the package {package} with the key {signed['files'][0]['signed_by'][:16]}….", signed, as_json=as_json)


@app.command()
def delete(package: PackageId, yes: Yes = False) -> None:
    """Delete a package and its files, for good. The history of its jobs stays."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Delete the package {package} for good?", yes=yes)
    with connect() as client:
        client.delete(f"/ota/packages/{package}")
    say(f"Deleted the package {package}.")
