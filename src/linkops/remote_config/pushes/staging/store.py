"""SQL of stages: how many devices a push may still reach for the first time."""

from linkops.db import Tx
from linkops.remote_config.pushes.model import Hold

_BEGIN_STAGE = """
UPDATE config_push SET stage = :stage, offer_left = :offer_left, reached_at = NULL, hold = '', updated_at = :now
WHERE id = :push_id
"""
_SET_HOLD = "UPDATE config_push SET hold = :hold, updated_at = :now WHERE id = :push_id"
_SET_REACHED = "UPDATE config_push SET reached_at = :now WHERE id = :push_id AND reached_at IS NULL"
_REACHED = """
UPDATE config_push SET offered = offered + :devices, updated_at = :now,
    offer_left = CASE WHEN offer_left > :devices THEN offer_left - :devices WHEN offer_left IS NOT NULL THEN 0 END
WHERE id = :push_id
"""
_NOT_REACHED = """
UPDATE config_push SET offered = offered - :devices, offer_left = offer_left + :devices, updated_at = :now
WHERE id = :push_id
"""
_ANY_IN_FLIGHT = """
SELECT 1 FROM config_result
WHERE push_id = :push_id AND due_at IS NOT NULL AND charged = 1 AND status = 'PENDING' LIMIT 1
"""


def begin_stage(tx: Tx, push_id: int, stage: int, offer_left: int | None, now: int) -> None:
    """Let a push reach ``offer_left`` more devices for the first time (None: any)."""
    tx.run(_BEGIN_STAGE, push_id=push_id, stage=stage, offer_left=offer_left, now=now)


def set_hold(tx: Tx, push_id: int, hold: Hold, now: int) -> None:
    """Hold a push."""
    tx.run(_SET_HOLD, push_id=push_id, hold=hold, now=now)


def set_reached(tx: Tx, push_id: int, now: int) -> None:
    """Remember since when the stage has reached its devices."""
    tx.run(_SET_REACHED, push_id=push_id, now=now)


def any_in_flight(tx: Tx, push_id: int) -> bool:
    """Return whether a claim of a push is not recorded yet."""
    return tx.scalar(_ANY_IN_FLIGHT, push_id=push_id) is not None


def charge(tx: Tx, push_id: int, devices: int, now: int) -> None:
    """Count devices that are reached for the first time; the stage has room for fewer then."""
    if devices:
        tx.run(_REACHED, push_id=push_id, devices=devices, now=now)


def refund(tx: Tx, push_id: int, devices: int, now: int) -> None:
    """Count devices that were not reached after all; the stage has room for them again."""
    if devices:
        tx.run(_NOT_REACHED, push_id=push_id, devices=devices, now=now)
