"""A job in words: what holds it, its stage, window and schedule, for people in their own zone."""

from typing import Any

from linkops.cli.notation import write_abort, write_stage, write_window
from linkops.cli.output import Row, moment

_HOLDS = {
    "approval": "waits until somebody else approves it: linkops job approve {id}",
    "paused": "paused: linkops job resume {id}",
    "stage": "waits after stage {number} for somebody to look: linkops job resume {id}",
    "gate": "too few devices of stage {number} succeeded: look at the failures, then linkops job resume {id} or cancel",
}


def holds(job: Row) -> str:
    """Return why a job offers nothing new, and what to do about it; '' if nothing holds it."""
    number = 1 if job["stage"] is None else job["stage"] + 1
    return str(_HOLDS.get(job["hold"], job["hold"])).format(id=job["id"], number=number)


def status(job: Row) -> str:
    """Return the status in a word or two."""
    return f"{job['status']}, {job['hold']}" if job["hold"] else str(job["status"])


def pace(job: Row) -> str:
    """Return the rate in words."""
    now = "unlimited" if job["rate_per_minute"] is None else f"{job['rate_per_minute']:,}/min"
    growth = job.get("growth")
    if not growth:
        return now
    steps = [f"{growth[name]:,} {name}" for name in ("notified", "succeeded") if growth[name]]
    return f"{now}, x{growth['factor']:g} every {' or '.join(steps)}, {growth['most_per_minute']:,}/min at most"


def counts(job: Row) -> str:
    """Return the tasks by status, without those of which there are none."""
    return "  ".join(f"{name} {count:,}" for name, count in job["counts"].items() if count)


def stage(job: Row) -> str:
    """Return which stage is rolled out; '' without stages."""
    stages = job["stages"]
    if not stages:
        return ""
    written = " | ".join(write_stage(each) for each in stages)
    if job["stage"] is None:
        return f"none yet of {written}"
    if job["stage"] >= len(stages):
        return f"all that are left, after {written}"
    now = stages[job["stage"]]
    return f"{job['stage'] + 1} of {len(stages)} (to {now['percent']:g} % of the devices; {written})"


def window(job: Row, now: int) -> str:
    """Return when devices may be told, and whether that is now (Unix ms)."""
    if job["window_closes_at"] is None and not job["windows"]:
        return ""
    if job["window_opens_at"] > now:
        state = f"opens {moment(job['window_opens_at'])}"
    elif job["window_closes_at"] is not None and job["window_closes_at"] > now:
        state = f"open until {moment(job['window_closes_at'])}"
    else:
        state = "closed"
    own = "; ".join(write_window(each) for each in job["windows"]) or "of the product"
    return f"{state} ({own})"


def schedule(job: Row) -> str:
    """Return when the job starts and finishes, if that was said."""
    said = [f"{word} {moment(job[name])}" for word, name in (("starts", "start_at"), ("finishes", "finish_at"))
            if job[name]]  # fmt: skip
    return ", ".join(said)


def targets(job: Row) -> str:
    """Return which devices the job is for."""
    further = {
        "GRAY": lambda: f"{job['percent']:g} %",
        "GROUP": lambda: f"group {job['group_id']}",
        "REGION": lambda: ", ".join("/".join(filter(None, each.values())) for each in job["regions"]),
    }.get(job["targets"], str)()
    dynamic = ", and those that come to match" if job["selection"] == "DYNAMIC" else ""
    if dynamic and job["dynamic_mode"] == "new_reports":
        dynamic = ", only those that report such a version from now on"
    return f"{job['targets']} {further}".rstrip() + dynamic


def limits(job: Row) -> str:
    """Return at which failures the job stops by itself."""
    return ", ".join(write_abort(each) for each in job["abort"])


def retries(job: Row) -> str:
    """Return what is done about devices that failed."""
    retry = job["retry"]
    if not retry:
        return ""
    later = f", each time x{retry['backoff']:g}" if retry["backoff"] > 1 else ""
    also = ", time-outs too" if retry["timeouts"] else ""
    often = "once" if retry["count"] == 1 else f"{retry['count']} times"
    return f"{often}, {span(retry['interval_s'])} after the failure{later}{also}"


def timeouts(job: Row) -> str:
    """Return when a device fails that takes too long, or says nothing."""
    return f"after the first progress: {span(job['timeout_s'])}; without any: {span(job['notify_timeout_s'])}"


def span(seconds: int | None) -> str:
    """Return a time-out in words."""
    if seconds is None:
        return "never"
    if seconds % 3_600 == 0 and seconds:
        return f"{seconds // 3_600:,} h"
    return f"{seconds // 60:,} min" if seconds % 60 == 0 else f"{seconds:,} s"


def options(job: Row) -> list[str]:
    """Return what devices do with it, where that is not the usual."""
    said = {
        "only by asking": not job["need_push"],
        "waits for confirmation": job["need_confirm"],
        "overwrites other updates": job["overwrite"],
        "several modules at once": job["multi_module"],
        "download over MQTT": job["download"] == "MQTT",
    }
    return [words for words, chosen in said.items() if chosen]


def when(at: int | None) -> str:
    """Return a time for the end of a sentence."""
    return "at once" if at is None else f"at {moment(at)}"


def notes(job: dict[str, Any], now: int) -> list[str]:
    """Return what somebody who watches a job should know besides its counts."""
    if job["ended_at"] is not None:
        return [job["stop_reason"]] if job["stop_reason"] else []
    told = [("", holds(job)), ("stage ", stage(job)), ("window ", window(job, now)), ("", job["stop_reason"])]
    planned = [("starts ", moment(job["start_at"]))] if job["status"] == "PLANNED" and job["start_at"] else []
    return [word + words for word, words in [*planned, *told] if words]
