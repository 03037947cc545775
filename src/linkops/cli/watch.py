"""Follows a rollout over REST until it ends."""

import json
import sys
import time
from typing import Any

from linkops.cli.client import Client
from linkops.cli.failures import CommandFailed, ExitCode
from linkops.cli.job_view import notes
from linkops.cli.progress import RolloutDisplay

_UNANSWERED_S = 120.0
_TOLD = ("status", "hold", "stage", "stop_reason", "offered", "window_opens_at", "window_closes_at")


def follow(client: Client, job_id: int, *, interval_s: float, as_json: bool) -> dict[str, Any]:
    """Show a rollout until it ends, and return its last summary; a server that restarts meanwhile is waited for."""
    job = client.get(f"/ota/jobs/{job_id}")
    title = f"Job {job_id}  {job['package_name']}  → {job['version']}"
    if as_json:
        return _follow(client, job_id, interval_s, _PrintedLines())
    with RolloutDisplay(title) as display:
        return _follow(client, job_id, interval_s, _Drawing(display))


class _PrintedLines:
    def show(self, job: dict[str, Any], summary: dict[str, Any]) -> None:
        told = {name: job[name] for name in _TOLD}
        sys.stdout.write(json.dumps(summary | told) + "\n")
        sys.stdout.flush()


class _Drawing:
    def __init__(self, display: RolloutDisplay) -> None:
        self._display = display

    def show(self, job: dict[str, Any], summary: dict[str, Any]) -> None:
        self._display.show(summary, notes(job, time.time_ns() // 1_000_000))


def _follow(client: Client, job_id: int, interval_s: float, shower: _Drawing | _PrintedLines) -> dict[str, Any]:
    answered_at = time.monotonic()
    while True:
        try:
            # Asked for first: a job that has ended stays so, and the summary after it is the last one.
            job = client.get(f"/ota/jobs/{job_id}")
            summary = client.get(f"/ota/jobs/{job_id}/summary")
            answered_at = time.monotonic()
            shower.show(job, summary)
            if job["ended_at"] is not None:
                return summary
        except CommandFailed as failed:
            if failed.code != ExitCode.UNREACHABLE or time.monotonic() - answered_at > _UNANSWERED_S:
                raise
        time.sleep(interval_s)
