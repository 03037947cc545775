"""States as chips: a colour, a shape and a word, so that nobody needs the colour."""

from typing import NamedTuple

from nicegui import ui

from linkops.console.texts import _, n_


class Look(NamedTuple):
    """How a state is shown: a kind of chip (see ``console.css``), and its word."""

    kind: str
    word: str


LOOKS = {
    # Devices
    "online": Look("good", n_("Online")),
    "offline": Look("idle", n_("Offline")),
    "inactive": Look("new", n_("Inactive")),
    "disabled": Look("off", n_("Disabled")),
    # Tasks and jobs
    "CONFIRM": Look("wait", n_("To be confirmed")),
    "QUEUED": Look("wait", n_("To be pushed")),
    "NOTIFIED": Look("run", n_("Pushed")),
    "IN_PROGRESS": Look("run", n_("In progress")),
    "SUCCEEDED": Look("good", n_("Succeeded")),
    "FAILED": Look("bad", n_("Failed")),
    "CANCELED": Look("off", n_("Canceled")),
    "PLANNED": Look("wait", n_("Planned")),
    "COMPLETED": Look("good", n_("Completed")),
    # Accounts and webhooks
    "enabled": Look("good", n_("Enabled")),
    "locked": Look("bad", n_("Locked")),
    "must_change": Look("wait", n_("Password to be chosen")),
    "retrying": Look("wait", n_("Trying again")),
    "failing": Look("bad", n_("Given up")),
    "gone": Look("bad", n_("Wants no more")),
    # Parts of the server
    "works": Look("good", n_("Works")),
    "broken": Look("bad", n_("Does not work")),
    # Configuration: switches, results of pushes, how devices stand
    "config.on": Look("good", n_("On")),
    "config.off": Look("off", n_("Off")),
    "PENDING": Look("wait", n_("Told next")),
    "OFFLINE": Look("idle", n_("Away, told later")),
    "SENT": Look("run", n_("Told")),
    "DOWNLOADED": Look("good", n_("Fetched")),
    "ACKNOWLEDGED": Look("good", n_("Acknowledged")),
    "in_step": Look("good", n_("In step")),
    "behind": Look("wait", n_("Has something else")),
    "refused": Look("bad", n_("Refused it")),
    "unknown": Look("idle", n_("Nothing known")),
    "none_wanted": Look("off", n_("No document")),
    "hold.approval": Look("wait", n_("Waits for approval")),
    "hold.paused": Look("wait", n_("Paused")),
    "hold.stage": Look("wait", n_("Waits after a stage")),
    "hold.gate": Look("bad", n_("Stopped after a stage")),
    # Packages
    "not_required": Look("idle", n_("Not required")),
    "unverified": Look("wait", n_("Not verified")),
    "verifying": Look("run", n_("Verifying")),
    "verified": Look("good", n_("Verified")),
    "failed": Look("bad", n_("Failed")),
}


def look_of(state: str) -> Look:
    """Return how a state is shown; one that is not known is shown as it is called."""
    return LOOKS.get(state, Look("idle", state))


def chip(state: str) -> ui.label:
    """Show a state."""
    look = look_of(state)
    return ui.label(_(look.word)).classes(f"chip chip-{look.kind}")
