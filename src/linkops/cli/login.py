"""``linkops login`` and ``logout``: the profile that the other commands use."""

import sys
from typing import Annotated

import typer

from linkops.cli.failures import CommandFailed
from linkops.cli.output import say
from linkops.cli.profile import DEFAULT_URL, Profile, forget_profile, load_profile, save_profile


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel="Access")(login)
    app.command(rich_help_panel="Access")(logout)


def login(
    url: Annotated[str, typer.Argument(help="Address of the server.", show_default=DEFAULT_URL)] = "",
    name: Annotated[str, typer.Option("--name", "-n", help="Your account.")] = "admin",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Keep an API token from standard input instead.")
    ] = False,
) -> None:
    """Log in, for the commands that follow.

    The address and a token are kept in ~/.config/linkops/profile.json, readable for you only. LINKOPS_URL and
    LINKOPS_TOKEN in the environment win over it.

    Examples:
      linkops login
      linkops login https://ops.example.com --name ada
      linkops login --token-stdin < token.txt
    """
    from linkops.cli.client import Client  # noqa: PLC0415

    address = (url or load_profile().url).rstrip("/")
    if token_stdin:
        kept = Profile(address, sys.stdin.readline().strip())
        with Client(kept) as client:
            who = client.get("/me")
    else:
        password = sys.stdin.readline().rstrip("\n") if password_stdin else typer.prompt("Password", hide_input=True)
        with Client(Profile(address)) as client:
            session = client.post("/sessions", {"name": name, "password": password})
        kept = Profile(address, session["token"])
        if session["must_change"]:
            change_password(kept, password)
        who = {"name": name}
    path = save_profile(kept)
    say(f"Logged in at {address} as {who['name']}; kept in {path}.")


def logout() -> None:
    """End the session and forget the token."""
    from linkops.cli.client import Client  # noqa: PLC0415

    profile = load_profile()
    forget_profile()
    if profile.token:
        with Client(profile) as client:
            client.delete("/sessions/current")
    say("Logged out.")


def change_password(profile: Profile, old: str) -> None:
    """Ask for a new password twice and set it.

    Raises:
        CommandFailed: when nobody is there to ask, or the server refuses it.
    """
    from linkops.cli.client import Client  # noqa: PLC0415

    if not sys.stdin.isatty():
        raise CommandFailed("The password must be changed first. Run on a terminal: linkops login")
    new = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    with Client(profile) as client:
        client.put("/me/password", {"old_password": old, "new_password": new})
