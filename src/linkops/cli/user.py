"""``linkops user``: who may use LinkOps."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from linkops.cli.configuration import ConfigFile
from linkops.cli.failures import CommandFailed
from linkops.cli.output import AsJson, Column, Most, Row, Yes, at, confirm, print_list, print_one, say

app = typer.Typer(name="user", help="Accounts and what they may do.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="An account.")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ROLE[:PRODUCT]", help="viewer, operator or admin; of one product or of all."),
]


def _grants(row: Row) -> list[str]:
    return [grant["role"] + (f":{grant['product_key']}" if grant["product_key"] else "") for grant in row["grants"]]


_LISTED = [
    Column("name", "name"),
    Column("roles", _grants),
    Column("enabled", "enabled"),
    Column("locked until", at("locked_until_at")),
    Column("created", at("created_at")),
]


@app.command("list")
def list_users(limit: Most = 200, as_json: AsJson = False) -> None:
    """List accounts."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_list(client.items("/users", limit), _LISTED, as_json=as_json, none="")


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show an account."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(_path(name)), _LISTED, as_json=as_json)


@app.command()
def create(name: Name, role: Roles = None, as_json: AsJson = False) -> None:
    """Create an account with a generated password, which must be changed at the first login.

    Examples:
      linkops user create ada --role admin
      linkops user create bob --role viewer --role operator:a1B2c3D4e5F
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        made = client.post("/users", {"name": name, "grants": _meant(role)})
    say(f"Created {name}, password {made['password']}", made, as_json=as_json)


@app.command()
def grant(name: Name, role: Roles = None, as_json: AsJson = False) -> None:
    """Give an account exactly these roles; none given takes all away.

    Example:
      linkops user grant bob --role operator
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        changed = client.put(f"{_path(name)}/grants", {"grants": _meant(role)})
    say(f"{name} may: {', '.join(_grants(changed)) or 'nothing'}.", changed, as_json=as_json)


@app.command()
def enable(name: Name) -> None:
    """Let an account log in."""
    _post(name, "enable")
    say(f"Enabled {name}.")


@app.command()
def disable(name: Name, yes: Yes = False) -> None:
    """End an account's sessions, and refuse its tokens until it is enabled again."""
    confirm(f"Disable the account {name}?", yes=yes)
    _post(name, "disable")
    say(f"Disabled {name}.")


@app.command()
def delete(name: Name, yes: Yes = False) -> None:
    """Delete an account and its tokens, for good; the audit trail keeps its name."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Delete the account {name} for good?", yes=yes)
    with connect() as client:
        client.delete(_path(name))
    say(f"Deleted {name}.")


@app.command()
def reset_password(
    name: Name,
    local: Annotated[
        bool, typer.Option("--local", help="Write into the database on this machine: for a locked-out administrator.")
    ] = False,
    config: ConfigFile = None,
    data_dir: Annotated[Path | None, typer.Option(help="With --local: the server's data folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Replace a password by a generated one, which must be changed at the next login.

    Administrators do it over the API. Where nobody can log in any more, --local does it on the server's machine, as the
    user who owns the data folder; the server may run meanwhile.

    Examples:
      linkops user reset-password bob
      linkops user reset-password admin --local --data-dir /var/lib/linkops
    """
    if local or config is not None or data_dir is not None:
        from linkops.cli.locally import reset_password_locally  # noqa: PLC0415

        password = reset_password_locally(name, config, data_dir)
    else:
        from linkops.cli.client import connect  # noqa: PLC0415

        with connect() as client:
            password = client.post(f"{_path(name)}/reset-password")["password"]
    say(f"The password of {name} is now {password}", {"password": password}, as_json=as_json)


@app.command()
def change_password() -> None:
    """Change your own password."""
    from linkops.cli.login import change_password as change  # noqa: PLC0415
    from linkops.cli.profile import load_profile  # noqa: PLC0415

    profile = load_profile()
    change(profile, typer.prompt("Password", hide_input=True))
    say("Changed your password; your other sessions have ended.")


def _path(name: str) -> str:
    return f"/users/{quote(name, safe='')}"


def _post(name: str, action: str) -> None:
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        client.post(f"{_path(name)}/{action}")


def _meant(roles: list[str] | None) -> list[dict[str, str | None]]:
    meant: list[dict[str, str | None]] = []
    for written in roles or []:
        role, colon, product_key = written.partition(":")
        if role not in {"viewer", "operator", "admin"} or (colon and not product_key):
            raise CommandFailed(f"{written!r} is no role: write viewer, operator or admin, or ROLE:PRODUCT.")
        meant.append({"role": role, "product_key": product_key or None})
    return meant
