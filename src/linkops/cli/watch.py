"""Follows a rollout over REST until it ends."""

import json
import sys
import time
from typing import Any

from linkops.cli.client import Client
from linkops.cli.failures import CommandFailed, ExitCode
from linkops.cli.progress import RolloutDisplay

_UNANSWERED_S = 120.0


def follow(client: Client, job_id: int, *, interval_s: float, as_json: bool) -> dict[str, Any]:
    """Show a rollout until it ends, and return its last summary; a server that restarts meanwhile is waited for."""
    job = client.get(f"/ota/jobs/{job_id}")
    title = f"Job {job_id}  {job['package_name']}  → {job['version']}"
    if as_json:
        return _follow(client, job_id, interval_s, _PrintedLines())
    with RolloutDisplay(title) as display:
        return _follow(client, job_id, interval_s, display)


class _PrintedLines:
    def show(self, summary: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(summary) + "\n")
        sys.stdout.flush()


def _follow(client: Client, job_id: int, interval_s: float, display: RolloutDisplay | _PrintedLines) -> dict[str, Any]:
    answered_at = time.monotonic()
    while True:
        try:
            # Asked for first: a job that has ended stays so, and the summary after it is the last one.
            ended = client.get(f"/ota/jobs/{job_id}")["ended_at"] is not None
            summary = client.get(f"/ota/jobs/{job_id}/summary")
            answered_at = time.monotonic()
            display.show(summary)
            if ended:
                return summary
        except CommandFailed as failed:
            if failed.code != ExitCode.UNREACHABLE or time.monotonic() - answered_at > _UNANSWERED_S:
                raise
        time.sleep(interval_s)
