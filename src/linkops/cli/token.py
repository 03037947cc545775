"""``linkops token``: your own API tokens."""

import time
from typing import Annotated

import typer

from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_list, say

app = typer.Typer(name="token", help="Your API tokens, for programs.", no_args_is_help=True)

_DAY_MS = 86_400_000
_LISTED = [
    Column("id", "id", right=True),
    Column("name", "name"),
    Column("expires", at("expires_at")),
    Column("last used", at("last_used_at")),
    Column("created", at("created_at")),
]


@app.command("list")
def list_tokens(limit: Most = 200, as_json: AsJson = False) -> None:
    """List the tokens that you made."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_list(client.items("/tokens", limit), _LISTED, as_json=as_json, none="No tokens.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    days: Annotated[float | None, typer.Option(min=0.01, help="How long it is good; else for ever.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token that may do what you may. It is shown this once.

    Example:
      LINKOPS_TOKEN=$(linkops token create ci --days 30) linkops job list
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    expires_at = None if days is None else int(time.time() * 1000 + days * _DAY_MS)
    with connect() as client:
        made = client.post("/tokens", {"name": name, "expires_at": expires_at})
    say(made["token"], made, as_json=as_json)


@app.command()
def revoke(
    token: Annotated[int, typer.Argument(metavar="TOKEN", min=1, help="A token's number.")], yes: Yes = False
) -> None:
    """Delete a token; it is refused from then on."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Revoke the token {token}?", yes=yes)
    with connect() as client:
        client.delete(f"/tokens/{token}")
    say(f"Revoked the token {token}.")
