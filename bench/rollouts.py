"""Jobs one after the other, each over a package of its own that brings the next version."""

import time
from collections.abc import Sequence

from bench.fleet import Fleet
from bench.server import System
from bench.wire import Credential

_PUSHED_WITHIN_S = 120.0
_FILLED_WITHIN_S = 120.0
_POLL_S = 0.01


class Rollouts:
    """What an operator does between the measurements."""

    def __init__(self, system: System) -> None:
        self._rest = system.rest
        self._product_key = system.product_key
        self._number = 1

    @property
    def version(self) -> str:
        """What the last package brings."""
        return f"{self._number}.0.0"

    @property
    def before(self) -> str:
        """What the package before the last one brings."""
        return f"{self._number - 1}.0.0"

    def package(self) -> int:
        """Upload a small file as the package of the next version and return the package's id."""
        self._number += 1
        upload_id = self._rest.upload("firmware.bin", b"\xa5" * 1024)
        names = {"product_key": self._product_key, "name": f"bench-{self._number}", "version": self.version}
        return int(self._rest.post("/api/v1/ota/packages", {**names, "upload_id": upload_id})["id"])

    def start(self, package_id: int, devices: Sequence[Credential] = ()) -> int:
        """Roll a package out to these devices (none: to all of the product) without a rate; return the job's id."""
        names = [device.device_name for device in devices]
        targets = {"targets": "SPECIFIC", "device_names": names} if names else {"targets": "ALL"}
        return int(self._rest.post("/api/v1/ota/jobs", {"package_id": package_id, **targets})["id"])

    def wait_until_filled(self, job_id: int) -> None:
        """Return when every target has its task."""
        deadline = time.monotonic() + _FILLED_WITHIN_S
        while self._rest.get(f"/api/v1/ota/jobs/{job_id}")["filled_at"] is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job_id} is not filled after {_FILLED_WITHIN_S:.0f} s")
            time.sleep(_POLL_S)

    def push(self, fleet: Fleet, devices: Sequence[Credential] = ()) -> tuple[float, list[float]]:
        """Bring the next version to a connected fleet; return when that was asked for, and when each push came."""
        package_id = self.package()
        fleet.start("await_pushes", _PUSHED_WITHIN_S)
        asked = time.perf_counter()
        self.start(package_id, devices)
        pushes = fleet.pushes()
        if len(pushes) < fleet.size:
            raise TimeoutError(f"{len(pushes)} of {fleet.size} pushes came in {_PUSHED_WITHIN_S:.0f} s")
        return asked, pushes
