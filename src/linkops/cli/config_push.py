"""``linkops config push``, ``pushes``, ``push-status``, ``continue`` and ``cancel``."""

import re
from typing import Annotated, Any

import typer

from linkops.cli.config_counts import counts
from linkops.cli.config_documents import configuration_path
from linkops.cli.failures import CommandFailed, ExitCode
from linkops.cli.keys import ProductArgument
from linkops.cli.output import (
    AsJson,
    Column,
    Most,
    Row,
    Yes,
    at,
    confirm,
    print_json,
    print_list,
    print_one,
    say,
)

PushArgument = Annotated[int, typer.Argument(metavar="PUSH", min=1, help="A push's number: linkops config pushes.")]
_STAGE = re.compile(r"(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?(?:@(\d{1,7}))?")
_LIMIT = re.compile(r"(\d+(?:\.\d+)?)(?::(\d{1,7}))?")
_HOLDS = {
    "stage": "waits behind stage {number} for somebody: linkops config continue {id}",
    "gate": "too few devices of stage {number} succeeded: linkops config continue {id}, or cancel",
}


def _target(push: Row) -> str:
    return {"PRODUCT": "all devices", "GROUP": f"group {push['group_name']}"}.get(push["target"], "devices by name")


def _hold(push: Row) -> str:
    number = 1 if push["stage"] is None else push["stage"] + 1
    return _HOLDS.get(push["hold"], "").format(number=number, id=push["id"])


def _stage(push: Row) -> str:
    if not push["stages"]:
        return ""
    stages = " | ".join(_written(stage) for stage in push["stages"])
    if push["stage"] is None:
        return f"none yet of {stages}"
    reached = push["stage"] >= len(push["stages"])
    return f"the rest, after {stages}" if reached else f"{push['stage'] + 1} of {len(push['stages'])} ({stages})"


def _written(stage: Row) -> str:
    needed = "" if stage["success_percent"] is None else f":{stage['success_percent']:g}"
    return f"{stage['percent']:g}{needed}" + (f"@{stage['wait_s']}" if stage["wait_s"] else "")


PUSHES = [
    Column("id", lambda row: str(row["id"]), right=True),
    Column("version", "version", right=True),
    Column("to", _target),
    Column("status", lambda row: ", ".join(filter(None, (row["status"], row["hold"])))),
    Column("devices", counts),
    Column("begun", at("created_at")),
    Column("by", "created_by"),
]
_SHOWN = [
    *PUSHES[:4],
    Column("hold", _hold),
    Column("stopped because", "stop_reason"),
    Column("stage", _stage),
    Column("devices", counts),
    Column("reached", "offered"),
    Column("ended", at("ended_at")),
    Column("waits for nobody since", at("closed_at")),
    *PUSHES[5:],
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (push, pushes):
        app.command()(command)
    app.command("push-status")(push_status)
    app.command("continue")(go_on)
    app.command()(cancel)


def push(
    product: ProductArgument,
    group: Annotated[int | None, typer.Option("--group", min=1, help="Only to this group.")] = None,
    device: Annotated[list[str] | None, typer.Option("--device", metavar="NAME", help="Only to these devices.")] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(help="PERCENT[:SUCCESS][@SECONDS], as in 10:95@600; without SUCCESS somebody says when to go on."),
    ] = None,
    stop_at: Annotated[
        str | None, typer.Option(help="PERCENT[:DEVICES]: stop when so many failed of at least so many devices.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Show how it goes until it ends or holds.")] = True,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Push the newest configuration: at once to who is online, to the others when they come online.

    The exit code is 5 when devices failed, or the push was stopped.

    Examples:
      linkops config push a1B2c3D4e5F
      linkops config push a1B2c3D4e5F --stage 1 --stage 10:95@600 --stop-at 20:50
      linkops config push a1B2c3D4e5F --device pump-7 --device pump-8 --yes
    """
    from linkops.cli.client import connect  # noqa: PLC0415
    from linkops.cli.config_watch import follow  # noqa: PLC0415

    stages, limit = [_read_stage(each) for each in stage or []], None if stop_at is None else _read_limit(stop_at)
    wanted = {"group_id": group, "device_names": device or [], "stages": stages, "stop_at": limit}
    path = f"{configuration_path(product)}/pushes"
    with connect() as client:
        if not yes:
            _ask(client.post(f"{path}/preview", wanted))
        begun = client.create(path, wanted)
        found = follow(client, begun["id"], quiet=as_json) if wait else begun
    if as_json:
        print_json(found)
    else:
        say(f"Push {found['id']}: {found['status']}. {counts(found)}")
    _judge(found)


def _ask(preview: Row) -> None:
    if preview["refusal"] is not None:
        return  # the answer to the push says it in words
    many = f"{preview['devices']:,}{'+' if preview['devices_capped'] else ''}"
    confirm(f"Push version {preview['version']} to {many} devices?", yes=False)


def _judge(found: Row) -> None:
    failed = found["counts"]["FAILED"]
    if found["status"] == "CANCELED":
        raise CommandFailed(f"The push was stopped: {found['stop_reason']}.", ExitCode.ROLLOUT_FAILED)
    if failed:
        hint = f"linkops config results {found['id']} --status FAILED"
        raise CommandFailed(f"{failed:,} devices failed: {hint}", ExitCode.ROLLOUT_FAILED)
    if found["hold"]:
        raise CommandFailed(f"The push {_hold(found)}.", ExitCode.ROLLOUT_FAILED)


def pushes(
    product: ProductArgument,
    status: Annotated[str | None, typer.Option(help="IN_PROGRESS, COMPLETED or CANCELED.")] = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List pushes, the newest first."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        rows = client.items(f"{configuration_path(product)}/pushes", limit, status=status)
        print_list(rows, PUSHES, as_json=as_json, none="No pushes. Begin one: linkops config push PRODUCT")


def push_status(push: PushArgument, as_json: AsJson = False) -> None:
    """Show a push: what holds it, its stage, and its devices by what became of it."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        print_one(client.get(f"/configuration/pushes/{push}"), _SHOWN, as_json=as_json)


def go_on(push: PushArgument, yes: Yes = False, as_json: AsJson = False) -> None:
    """Begin the next stage of a push, whatever the devices of this one came to."""
    from linkops.cli.client import connect  # noqa: PLC0415

    with connect() as client:
        seen = client.get(f"/configuration/pushes/{push}")
        if seen["stage"] is None:
            raise CommandFailed(f"Push {push} is at no stage: linkops config push-status {push}")
        confirm(f"Leave stage {seen['stage'] + 1} of push {push}: {counts(seen)}?", yes=yes)
        shown = client.post(f"/configuration/pushes/{push}/continue", {"stage": seen["stage"]})
    say(f"Push {push} goes on.", shown, as_json=as_json)


def cancel(push: PushArgument, yes: Yes = False, as_json: AsJson = False) -> None:
    """End a push: nobody else is told of it. What was told already cannot be taken back."""
    from linkops.cli.client import connect  # noqa: PLC0415

    confirm(f"End push {push}?", yes=yes)
    with connect() as client:
        shown = client.post(f"/configuration/pushes/{push}/cancel")
    say(f"Push {push} is over. {counts(shown)}", shown, as_json=as_json)


def _read_stage(text: str) -> dict[str, Any]:
    match = _STAGE.fullmatch(text.strip())
    if match is None:
        raise CommandFailed(f"{text!r} is no stage. As in: 10 (10 % of the devices), 10:95, 10:95@600.")
    percent, success, wait_s = match.groups()
    return {
        "percent": float(percent),
        "success_percent": None if success is None else float(success),
        "wait_s": int(wait_s or 0),
    }


def _read_limit(text: str) -> dict[str, Any]:
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        raise CommandFailed(f"{text!r} is no limit. As in: 20 (20 % of the devices), 20:50.")
    return {"percent": float(match[1]), "least": int(match[2] or 1)}
