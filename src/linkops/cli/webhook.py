"""``linkops webhook``: where applications hear of events."""

from typing import Annotated, Any

import typer

from linkops.cli.failures import CommandFailed, ExitCode
from linkops.cli.output import AsJson, Column, Most, Yes, at, confirm, print_json, print_list, print_one, say

app = typer.Typer(name="webhook", help="Addresses that events are posted to.", no_args_is_help=True)

WebhookId = Annotated[int, typer.Argument(metavar="WEBHOOK", min=1, help="A webhook's number.")]
LetterIds = Annotated[list[int] | None, typer.Argument(metavar="[LETTER]...", help="Numbers of dead letters.")]
All = Annotated[bool, typer.Option("--all", help="All dead letters of the webhook.")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", metavar="KIND", help="As in ota.task_ended; repeatable.")]


def _state(row: Any) -> str:
    if not row["enabled"]:
        return f"disabled ({row['disabled_reason']})"
    return f"failing ({row['failures']})" if row["failures"] else "enabled"


_LISTED = [
    Column("id", "id", right=True),
    Column("product", lambda row: row["product_key"] or "all"),
    Column("url", "url"),
    Column("kinds", "kinds"),
    Column("state", _state),
    Column("behind", "behind", right=True),
    Column("dead letters", "dead_letters", right=True),
]
_SHOWN = [
    *_LISTED,
    Column("description", "description"),
    Column("a request is", lambda row: "a list of events" if row["batch"] else "one event"),
    Column("last delivered", at("delivered_at")),
    Column("failing since", at("failing_since_at")),
    Column("next try", lambda row: at("next_try_at")(row) if row["next_try_at"] else "at once"),
    Column("last error", "last_error"),
    Column("old secret until", at("old_secret_until_at")),
    Column("created by", "created_by"),
    Column("created", at("created_at")),
    Column("changed", at("updated_at")),
]
_LETTERS = [
    Column("id", "id", right=True),
    Column("event", "event_id", right=True),
    Column("kind", "kind"),
    Column("happened", at("at")),
    Column("tries", "tries", right=True),
    Column("error", "error"),
    Column("failed", at("failed_at")),
    Column("replaying", "replaying"),
]


@app.command("list")
def list_webhooks(
    product: Annotated[str | None, typer.Option(help="Of this product.")] = None,
    limit: Most = 200,
    as_json: AsJson = False,
) -> None:
    """List webhooks and how they go."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items("/webhooks", limit, product_key=product)
        print_list(rows, _LISTED, as_json=as_json, none="No webhooks. Create one: linkops webhook create URL --kind …")


@app.command()
def show(webhook: WebhookId, as_json: AsJson = False) -> None:
    """Show a webhook and how it goes."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(f"/webhooks/{webhook}"), _SHOWN, as_json=as_json)


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="http or https.")],
    kind: Kinds = None,
    product: Annotated[str | None, typer.Option(help="Only events of this product.")] = None,
    description: Annotated[str, typer.Option(help="For people.")] = "",
    single: Annotated[bool, typer.Option("--single", help="One event a request, not a list.")] = False,
    as_json: AsJson = False,
) -> None:
    """Create a webhook. Its secret, which signs the requests, is shown this once.

    Example:
      linkops webhook create https://tickets.example.com/linkops --kind ota.task_ended --kind ota.job_changed
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    new = {
        "url": url,
        "kinds": kind or [],
        "product_key": product,
        "description": description,
        "batch": not single,
    }
    with connect() as client:
        made = client.post("/webhooks", new)
    say(f"Created the webhook {made['id']}, secret {made['secret']}", made, as_json=as_json)


@app.command()
def edit(
    webhook: WebhookId,
    url: Annotated[str | None, typer.Option(help="http or https.")] = None,
    kind: Kinds = None,
    description: Annotated[str | None, typer.Option(help="For people.")] = None,
    single: Annotated[bool | None, typer.Option("--single/--batch", help="One event a request, or a list.")] = None,
    enable: Annotated[bool | None, typer.Option("--enable/--disable", help="Deliver events, or stop.")] = None,
    skip_backlog: Annotated[bool, typer.Option("--skip-backlog", help="Go on with what happens from now on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change, enable or disable a webhook; what failed before is tried at once.

    Example:
      linkops webhook edit 3 --enable --skip-backlog
    """
    from linkops.cli.client import connect  # noqa: PLC0415

    change = {
        "url": url,
        "kinds": kind or None,
        "description": description,
        "batch": None if single is None else not single,
        "enabled": enable,
        "skip_backlog": skip_backlog,
    }
    with connect() as client:
        changed = client.patch(f"/webhooks/{webhook}", change)
    say(f"The webhook {webhook} is {_state(changed)}.", changed, as_json=as_json)


@app.command()
def delete(webhook: WebhookId, yes: Yes = False) -> None:
    """Delete a webhook and its dead letters, for good."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Delete the webhook {webhook} and its dead letters for good?", yes=yes)
    with connect() as client:
        client.delete(f"/webhooks/{webhook}")
    say(f"Deleted the webhook {webhook}.")


@app.command("test")
def try_out(webhook: WebhookId, as_json: AsJson = False) -> None:
    """Post an event of the kind webhook.test now, and show what came of it."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        answer = client.post(f"/webhooks/{webhook}/test")
    if as_json:
        print_json(answer)
    if not answer["taken"]:
        raise CommandFailed(f"Not taken after {answer['duration_ms']:,} ms: {answer['error']}", ExitCode.FAILED)
    if not as_json:
        say(f"Taken within {answer['duration_ms']:,} ms: HTTP {answer['status']}")


@app.command()
def rotate_secret(
    webhook: WebhookId,
    grace_h: Annotated[int, typer.Option(min=0, help="How many hours the old secret signs, too.")] = 24,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give a webhook a new secret, and print it; for a while the old one signs, too."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"Replace the secret of the webhook {webhook}?", yes=yes)
    with connect() as client:
        rotated = client.post(f"/webhooks/{webhook}/rotate-secret", {"grace_h": grace_h})
    say(rotated["secret"], rotated, as_json=as_json)


@app.command()
def dead_letters(
    webhook: WebhookId,
    letter: Annotated[int | None, typer.Option("--show", metavar="LETTER", min=1, help="All of this one.")] = None,
    limit: Most = 200,
    as_json: AsJson = False,
) -> None:
    """List the events that a webhook did not take, oldest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        if letter is not None:
            print_json(client.get(f"/webhooks/{webhook}/dead-letters/{letter}"))
            return
        rows = client.items(f"/webhooks/{webhook}/dead-letters", limit)
        print_list(rows, _LETTERS, as_json=as_json, none="No dead letters.")


@app.command()
def replay(webhook: WebhookId, letters: LetterIds = None, every: All = False, as_json: AsJson = False) -> None:
    """Send dead letters once more; those that are not taken stay.

    Example:
      linkops webhook replay 3 --all
    """
    count = _change(webhook, "replay", letters, every)
    say(f"{count:,} dead letters are sent once more.", {"count": count}, as_json=as_json)


@app.command()
def discard(
    webhook: WebhookId, letters: LetterIds = None, every: All = False, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Delete dead letters, for good."""
    confirm(f"Delete {'all' if every else 'these'} dead letters of the webhook {webhook} for good?", yes=yes)
    count = _change(webhook, "delete", letters, every)
    say(f"Deleted {count:,} dead letters.", {"count": count}, as_json=as_json)


def _change(webhook: int, verb: str, letters: list[int] | None, every: bool) -> int:
    from linkops.cli.client import connect  # noqa: PLC0415

    if every == bool(letters):
        raise CommandFailed("Name dead letters, or say --all.")
    with connect() as client:
        return int(client.post(f"/webhooks/{webhook}/dead-letters/{verb}", {"ids": letters or None})["count"])
