"""``linkops certificate``."""

from pathlib import Path
from typing import Annotated

import typer

from linkops.cli import certificate_files
from linkops.cli.keys import DeviceArgument, device_path, split_key
from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_list, print_one, say
from linkops.cli.private_files import private_file

app = typer.Typer(name="certificate", help="X.509 certificates of devices.", no_args_is_help=True)
certificate_files.register(app)

Reason = Annotated[
    str, typer.Option(help="unspecified, key_compromise, superseded or cessation_of_operation.", show_default=True)
]
Ids = Annotated[list[int], typer.Argument(metavar="ID...", help="Of certificates: linkops certificate list.")]
KeyOption = Annotated[str, typer.Option("--key", help="ec (P-256), or rsa for SDKs without elliptic curves.")]
DaysOption = Annotated[int | None, typer.Option("--days", min=1, help="Valid so long; else certificate_valid_days.")]

_LISTED = [
    Column("id", "id", right=True),
    Column("device", lambda row: f"{row['product_key']}/{row['device_name']}"),
    Column("state", "state"),
    Column("expires", at("not_after_at")),
    Column("key", "key_type"),
    Column("last used", at("last_used_at")),
    Column("serial", "serial"),
]
_SHOWN = [
    *_LISTED[1:],
    Column("fingerprint", "fingerprint"),
    Column("authority", "authority_id"),
    Column("valid from", at("not_before_at")),
    Column("issued by", "issued_by"),
    Column("issued", at("created_at")),
    Column("first used", at("first_used_at")),
    Column("ends for a newer one", at("ends_at")),
    Column("revoked", at("revoked_at")),
    Column("revoked by", "revoked_by"),
    Column("reason", "revoke_reason"),
]


@app.command("list")
def list_certificates(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    device: Annotated[str | None, typer.Option(metavar="PRODUCT/DEVICE", help="Of this device.")] = None,
    state: Annotated[str | None, typer.Option(help="valid, replaced, revoked or expired.")] = None,
    expires_within: Annotated[int | None, typer.Option(metavar="DAYS", min=0, help="Over by then.")] = None,
    limit: Most = 200,
    as_json: AsJson = False,
) -> None:
    """List certificates, the first to expire first.

    Example:
      linkops certificate list --state valid --expires-within 30
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    names = (product, None) if device is None else split_key(device)
    wanted = {"product_key": names[0], "device_name": names[1], "state": state, "expires_within_days": expires_within}
    with connect() as client:
        rows = client.items("/certificates", limit, **wanted)
        print_list(rows, _LISTED, as_json=as_json, none="No certificates. Issue one: linkops certificate issue DEVICE")


@app.command()
def show(certificate: Annotated[int, typer.Argument(metavar="ID")], as_json: AsJson = False) -> None:
    """Show what is known of a certificate."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(f"/certificates/{certificate}"), _SHOWN, as_json=as_json)


@app.command()
def issue(
    device: DeviceArgument,
    to: Annotated[Path, typer.Option("--to", file_okay=False, help="Folder for device.pem, device.key and ca.pem.")],
    key: KeyOption = "ec",
    days: DaysOption = None,
    as_json: AsJson = False,
) -> None:
    """Issue a certificate with a new private key, which is written there and kept nowhere else.

    What the device has is accepted until the new one is first used, or `certificate_grace_days` are over. An existing
    key is not overwritten: name another folder.

    Example:
      linkops certificate issue a1B2c3D4e5F/pump-7 --to pump-7
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with private_file(to / "device.key") as file, connect() as client:
        issued = client.post(f"{device_path(device)}/certificates", {"key": key, "valid_days": days})
        file.write(issued.pop("private_key").encode())
    _write(to, issued)
    say(f"Issued certificate {issued['id']} of {device}: {to}/device.pem, {to}/device.key.", issued, as_json=as_json)


@app.command()
def sign(
    device: DeviceArgument,
    request: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Certificate request (PKCS #10, PEM).")],
    to: Annotated[Path, typer.Option("--to", file_okay=False, help="Folder for device.pem and ca.pem.")],
    days: DaysOption = None,
    as_json: AsJson = False,
) -> None:
    """Issue a certificate for a private key that stays where it is.

    Example:
      linkops certificate sign a1B2c3D4e5F/pump-7 pump-7.csr --to pump-7
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        asked = {"request": request.read_text(), "valid_days": days}
        issued = client.create(f"{device_path(device)}/certificates/sign", asked)
    issued.pop("private_key")
    _write(to, issued)
    say(f"Issued certificate {issued['id']} of {device}: {to}/device.pem.", issued, as_json=as_json)


@app.command()
def revoke(ids: Ids, reason: Reason = "unspecified", yes: Yes = False, as_json: AsJson = False) -> None:
    """Revoke certificates, for good. Who is connected with one is cut off."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Revoke {len(ids)} certificates for good?", yes=yes)
    with connect() as client:
        answer = client.post("/certificates/revoke", {"ids": ids, "reason": reason})
    say(f"Revoked {answer['revoked']} of {len(ids)}; the others were so already.", answer, as_json=as_json)


@app.command("revoke-device")
def revoke_device(
    device: DeviceArgument, reason: Reason = "unspecified", yes: Yes = False, as_json: AsJson = False
) -> None:
    """Revoke all certificates of a device, for good. It is cut off."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Revoke all certificates of {device} for good?", yes=yes)
    with connect() as client:
        answer = client.post(f"{device_path(device)}/certificates/revoke", {"reason": reason})
    say(f"Revoked {answer['revoked']} certificates of {device}.", answer, as_json=as_json)


def _write(folder: Path, issued: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "device.pem").write_text(str(issued["certificate"]))
    (folder / "ca.pem").write_text(str(issued["authority"]))
