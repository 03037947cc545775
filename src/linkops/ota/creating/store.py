"""SQL of new jobs, and of what their package's product has decided for all of them."""

from typing import NamedTuple

import msgspec

from linkops.db import Tx
from linkops.ota.jobs.store import read_scope
from linkops.ota.model import Hold, JobStatus, Package, PackageKind
from linkops.ota.strategy import Strategy, Window, read_strategy, write_strategy
from linkops.ota.targeting import NewJob
from linkops.ota.windows import Span

_ADD = """
INSERT INTO ota_job (product_id, package_id, package_name, module, version, diff, kind, selection, targets, scope,
    status, hold_reason, source_versions, strategy, tags, download, rate_per_minute, need_push, start_at, finish_at,
    push_from_at, push_until_at, offer_left, device_list_id, last_device_id, created_by, created_at, updated_at)
VALUES (:product_id, :package_id, :package_name, :module, :version, :diff, :kind, :selection, :targets, :scope,
    :status, :hold_reason, :source_versions, :strategy, :tags, :download, :rate_per_minute, :need_push, :start_at,
    :finish_at, :push_from_at, :push_until_at, :offer_left, :device_list_id, 0, :created_by, :now, :now)
RETURNING id
"""
_LAST_DEVICE = "SELECT coalesce(max(id), 0) FROM device WHERE product_id = :product_id"
_RUNNING_DYNAMIC = """
SELECT id FROM ota_job WHERE package_id = :package_id AND selection = 'DYNAMIC' AND status = 'IN_PROGRESS' LIMIT 1
"""
_OVER_GROUPS = """
SELECT id, scope, strategy FROM ota_job
WHERE product_id = :product_id AND selection = 'DYNAMIC' AND status = 'IN_PROGRESS' AND targets = 'GROUP'
"""
_RUNNING_VERIFICATION = """
SELECT id FROM ota_job WHERE package_id = :package_id AND kind = 'VERIFY' AND ended_at IS NULL LIMIT 1
"""
_DEVICE_LIST = "SELECT device_list_id FROM ota_job WHERE id = :job_id"
_RULE = "SELECT windows, needs_approval FROM ota_product_rule WHERE product_id = :product_id"
_SET_RULE = """
INSERT INTO ota_product_rule (product_id, windows, needs_approval, updated_at)
VALUES (:product_id, :windows, :needs_approval, :now)
ON CONFLICT (product_id) DO UPDATE
SET windows = excluded.windows, needs_approval = excluded.needs_approval, updated_at = excluded.updated_at
"""

_encode = msgspec.json.Encoder().encode
_windows = msgspec.json.Decoder(tuple[Window, ...])


class ProductRule(msgspec.Struct, frozen=True):
    """What holds for all jobs of a product.

    Attributes:
        windows: of jobs that have none of their own.
        needs_approval: whether somebody else than the creator must let every job start.
    """

    windows: tuple[Window, ...] = ()
    needs_approval: bool = False


class OverGroup(NamedTuple):
    """A dynamic job over a group."""

    job_id: int
    group_id: int | None
    strategy: Strategy


class Beginning(NamedTuple):
    """How a job begins."""

    hold: Hold
    window: Span
    source_versions: tuple[str, ...]


def add(tx: Tx, new: NewJob, package: Package, beginning: Beginning, created_by: str, now: int) -> int:
    """Insert a job and return its id."""
    strategy = new.strategy
    job_id = tx.scalar(
        _ADD,
        product_id=package.product_id,
        package_id=package.id,
        package_name=package.name,
        module=package.module,
        version=package.version,
        diff=int(package.kind is PackageKind.DIFF),
        kind=new.kind,
        selection=new.selection,
        targets=new.targets,
        scope=_text(new.scope),
        status=JobStatus.PLANNED,
        hold_reason=beginning.hold,
        source_versions=_text(beginning.source_versions),
        tags=_text(new.tags),
        device_list_id=new.device_list_id,
        push_from_at=beginning.window.opens_at,
        push_until_at=beginning.window.closes_at,
        created_by=created_by,
        now=now,
        **_of_strategy(strategy),
    )
    return int(job_id)


def _of_strategy(strategy: Strategy) -> dict[str, object]:
    return {
        "strategy": write_strategy(strategy),
        "download": strategy.download,
        "rate_per_minute": strategy.rate_per_minute if strategy.growth is None else strategy.growth.base_per_minute,
        "need_push": int(strategy.need_push),
        "start_at": strategy.start_at,
        "finish_at": strategy.finish_at,
        # With stages, nothing is offered before it is known how many devices there are.
        "offer_left": 0 if strategy.stages else None,
    }


def last_device(tx: Tx, product_id: int) -> int:
    """Return the id of the newest device of a product."""
    return int(tx.scalar(_LAST_DEVICE, product_id=product_id))


def running_dynamic(tx: Tx, package_id: int) -> int | None:
    """Return the dynamic job of a package that still selects devices."""
    job_id = tx.scalar(_RUNNING_DYNAMIC, package_id=package_id)
    return None if job_id is None else int(job_id)


def running_over_groups(tx: Tx, product_id: int) -> list[OverGroup]:
    """Return the dynamic jobs of a product that still select devices of a group."""
    rows = tx.all(_OVER_GROUPS, product_id=product_id)
    return [OverGroup(job_id, read_scope(scope).group_id, read_strategy(text)) for job_id, scope, text in rows]


def running_verification(tx: Tx, package_id: int) -> int | None:
    """Return the job that verifies a package and has not ended."""
    job_id = tx.scalar(_RUNNING_VERIFICATION, package_id=package_id)
    return None if job_id is None else int(job_id)


def device_list_of(tx: Tx, job_id: int) -> int | None:
    """Return the list that a job over named devices was made of."""
    list_id = tx.scalar(_DEVICE_LIST, job_id=job_id)
    return None if list_id is None else int(list_id)


def product_rule(tx: Tx, product_id: int) -> ProductRule:
    """Return what holds for all jobs of a product."""
    row = tx.one(_RULE, product_id=product_id)
    return ProductRule() if row is None else ProductRule(_windows.decode(row[0]), bool(row[1]))


def set_product_rule(tx: Tx, product_id: int, rule: ProductRule, now: int) -> None:
    """Store what holds for all jobs of a product that are made from now on."""
    params = {"windows": _text(rule.windows), "needs_approval": int(rule.needs_approval)}
    tx.run(_SET_RULE, product_id=product_id, now=now, **params)


def _text(value: object) -> str:
    return _encode(value).decode()
