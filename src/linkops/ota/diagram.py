"""The states of a task as a page of documentation, from the table that decides them.

``python -m linkops.ota.diagram > docs/ota-task-states.md`` brings the page up to date; a test fails while it is not.
"""

import sys

from linkops.ota.model import TaskStatus
from linkops.ota.rollout import NEXT, Event

_TITLE = """\
# States of a task

A task is one device's part of a job. This page is made from the table `NEXT` in `src/linkops/ota/rollout.py` by
`python -m linkops.ota.diagram`; what is not in it changes nothing. Only a version report ends an update well:
a progress of 100 percent does not.
"""


def page() -> str:
    """Return the page as Markdown with a Mermaid diagram and a table."""
    return f"{_TITLE}\n```mermaid\nstateDiagram-v2\n{_arrows()}```\n\n{_table()}"


def _arrows() -> str:
    arrows = [
        f"    {_node(before)} --> {_node(after)}: {event.value}\n"
        for before, events in NEXT.items()
        for event, after in events.items()
    ]
    ends = [f"    {status} --> [*]\n" for status in TaskStatus if not NEXT[status]]
    return "".join(arrows + ends)


def _table() -> str:
    head = f"| event | {' | '.join(TaskStatus)} |\n|---|{'---|' * len(TaskStatus)}\n"
    return head + "".join(f"| {event.value} | {_cells(event)} |\n" for event in Event if not _begins(event))


def _cells(event: Event) -> str:
    return " | ".join(NEXT[status].get(event, "") for status in TaskStatus)


def _begins(event: Event) -> bool:
    return event in NEXT[None]


def _node(status: TaskStatus | None) -> str:
    return "[*]" if status is None else status


if __name__ == "__main__":
    sys.stdout.write(page())
