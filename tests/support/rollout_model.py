"""What one may expect of rollouts, naively: a few fields a task, read off the reference's table, no cleverness."""

from dataclasses import dataclass, field

LIVE = {"CONFIRM", "QUEUED", "NOTIFIED", "IN_PROGRESS"}
MOST_RETRIES, RETRY_MS, MOST_MATCHES = 2, 60_000, 10


@dataclass
class ExpectedJob:
    """A job: what was asked for, and what was done to it since."""

    id: int
    target: str
    started_at: int
    timeout_s: int | None = None
    notify_timeout_s: int | None = None
    retries: bool = False
    confirm: bool = False
    overwrite: bool = False
    sources: frozenset[str] | None = None
    paused: bool = False
    stopped: bool = False

    @property
    def looks_for_more(self) -> bool:
        """Whether a version report may give a device a task."""
        return self.sources is not None and not self.stopped


@dataclass
class ExpectedTask:
    """One device's part of a job.

    ``failed_at`` is when it failed that a retry makes up for; ``deaf``: begun again, and not offered since.
    """

    job: ExpectedJob
    device: int
    source: str
    status: str
    step: int = -1
    offers: int = 0
    retries_left: int = 0
    failed_at: int | None = None
    told_at: int | None = None
    first_progress_at: int | None = None
    deaf: bool = False
    offered_in: set[int] = field(default_factory=set)

    @property
    def live(self) -> bool:
        return self.status in LIVE

    def begin(self) -> None:
        """Become as new."""
        self.status = "CONFIRM" if self.job.confirm else "QUEUED"
        self.step, self.failed_at, self.told_at, self.first_progress_at = -1, None, None, None
        self.deaf = self.offers > 0
        self.retries_left = MOST_RETRIES if self.job.retries else 0
        self.offered_in.clear()

    def claim(self, slot: int | None) -> None:
        """A push that may have been published, or a pull (no slot) that was answered."""
        assert self.status != "CONFIRM"
        assert slot is None or slot not in self.offered_in
        self.offers, self.step, self.failed_at, self.deaf = self.offers + 1, -1, None, False
        if slot is not None:
            self.offered_in.add(slot)

    def tell(self, now: int) -> None:
        """The device was told for sure."""
        self.status = "NOTIFIED" if self.status == "QUEUED" else self.status
        if self.told_at is None and self.first_progress_at is None:
            self.told_at = now

    def progress(self, step: int, now: int) -> None:
        if not self.live or self.status == "CONFIRM" or self.failed_at is not None or self.deaf:
            return
        if step < 0:
            if self.status != "QUEUED" or self.offers:
                self.tell(now)
                self.fail(now)
        elif step >= self.step:
            self.status, self.step = "IN_PROGRESS", step
            self.first_progress_at = self.first_progress_at or now

    def report(self, version: str, now: int) -> None:
        if self.live and version == self.job.target:
            self.status = "SUCCEEDED"
        elif self.status == "IN_PROGRESS" and version != self.source and self.failed_at is None:
            self.fail(now)

    def fail(self, now: int) -> None:
        if not self.retries_left:
            self.status = "FAILED"
            return
        self.retries_left, self.failed_at, self.step = self.retries_left - 1, now, -1
        self.told_at = None

    def pass_time(self, now: int) -> None:
        """Fail if the device took too long."""
        updating = self.status == "IN_PROGRESS"
        limit_s, since = (
            (self.job.timeout_s, self.first_progress_at)
            if updating
            else (
                self.job.notify_timeout_s,
                self.told_at if self.status == "NOTIFIED" else None,
            )
        )
        if limit_s is not None and since is not None and now >= since + limit_s * 1_000:
            self.status = "FAILED"


class Model:
    """All jobs and tasks, and what each device said last that it runs."""

    def __init__(self, devices: int) -> None:
        self.jobs: list[ExpectedJob] = []
        self.tasks: list[ExpectedTask] = []
        self.versions = dict.fromkeys(range(devices), "")

    def of_job(self, job: ExpectedJob) -> list[ExpectedTask]:
        return [task for task in self.tasks if task.job is job]

    def live(self, device: int) -> ExpectedTask | None:
        live = [task for task in self.tasks if task.device == device and task.live]
        assert len(live) <= 1
        return next(iter(live), None)

    def select(self, job: ExpectedJob, device: int) -> None:
        """Give a device a task of a job; what is in its way gives way, or it fails at once."""
        task = ExpectedTask(job, device, self.versions[device], "FAILED")
        before = self.live(device)
        if before is None or (job.overwrite and before.status != "IN_PROGRESS"):
            if before is not None:
                before.status = "CANCELED"
            task.begin()
        self.tasks.append(task)

    def report_version(self, device: int, version: str, now: int) -> None:
        is_new, self.versions[device] = self.versions[device] != version, version
        task = self.live(device)
        if task is not None:
            task.report(version, now)
        looking = [job for job in self.jobs if job.looks_for_more and version in (job.sources or ())]
        if not looking:
            return
        job = max(looking, key=lambda each: each.id)
        had = [each for each in self.of_job(job) if each.device == device]
        if not any(each.live for each in had) and len(had) < MOST_MATCHES and (is_new or not had):
            self.select(job, device)

    def is_over(self, job: ExpectedJob) -> bool:
        """Whether nothing is left to do."""
        return (job.sources is None or job.stopped) and not any(task.live for task in self.of_job(job))
