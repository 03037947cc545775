"""Follows a push of configuration over REST until it ends or holds."""

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from linkops.cli.client import Client
from linkops.cli.config_counts import counts, done
from linkops.cli.failures import CommandFailed, ExitCode

_LOOK_EVERY_S = 0.5
_UNANSWERED_S = 120.0


def follow(client: Client, push_id: int, *, quiet: bool) -> dict[str, Any]:
    """Show a push and return it once it ended or holds; a server that restarts meanwhile is waited for."""
    columns = (BarColumn(), TextColumn("{task.completed:,.0f} of {task.total:,.0f} devices  {task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        bar = progress.add_task("", total=0)

        def show(push: dict[str, Any]) -> None:
            progress.update(bar, total=push["total"], completed=done(push), description=counts(push))

        try:
            return _followed(client, push_id, show)
        except KeyboardInterrupt:
            hint = f"linkops config push-status {push_id}"
            raise CommandFailed(f"The push {push_id} goes on: {hint}", ExitCode.INTERRUPTED) from None


def _followed(client: Client, push_id: int, show: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    answered_at = time.monotonic()
    while True:
        try:
            push = client.get(f"/configuration/pushes/{push_id}")
            answered_at = time.monotonic()
            show(push)
            if push["ended_at"] is not None or push["hold"]:
                return push
        except CommandFailed as failed:
            if failed.code != ExitCode.UNREACHABLE or time.monotonic() - answered_at > _UNANSWERED_S:
                raise
        time.sleep(_LOOK_EVERY_S)
