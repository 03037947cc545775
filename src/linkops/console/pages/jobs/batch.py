"""The page of a rollout: how it goes while it goes, what became of each device, and what it was told to do."""

from linkops.console import frame
from linkops.console.page import page
from linkops.console.pages.jobs.actions import Actions
from linkops.console.pages.jobs.course import Course
from linkops.console.pages.jobs.head import Head
from linkops.console.pages.jobs.packages import as_id
from linkops.console.pages.jobs.settings import Settings
from linkops.console.pages.jobs.tasks import TaskList
from linkops.console.parts.live import live
from linkops.console.parts.tabs import Tab, tabs
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.errors import NotFound
from linkops.ota.model import JobCourse

_EVERY_S = 2.0


@page("/jobs/{job_id}", n_("Rollout"))
async def rollout(job_id: str, tab: str = "", status: str = "", failure: str = "", device: str = "") -> None:
    """Show a rollout; everything follows it while it runs."""
    number = as_id(job_id)
    if number is None:
        raise NotFound("job.not_found", job_id=job_id)
    seen = view()
    found = await seen.services.ota.jobs.course(await seen.act(), number)
    await Batch(found, status, failure, device).draw(tab)


class Batch:
    """The page; `look` brings all of it up to date."""

    def __init__(self, course: JobCourse, status: str, failure: str, device: str) -> None:
        self.course = course
        self._asked = {"status": status, "failure": failure, "device": device}
        self._course: Course | None = None
        self._tasks: TaskList | None = None
        self._settings: Settings | None = None

    async def draw(self, tab: str) -> None:
        """Draw everything, and keep it up to date."""
        job = self.course.job
        package = (f"{job.package_name}", f"/packages/{job.package_id}")
        row = frame.heading(f"{job.package_name} {job.version}", above=((_("Rollouts"), "/jobs"), package))
        with row:
            self._actions = Actions(job, self.again)
        self._head = Head(job, (await view().services.products.get(view().actor, job.product_key)).name)
        self._show(self.course)
        await tabs(
            {
                "course": Tab(_("Progress"), self._draw_course),
                "tasks": Tab(_("Devices"), self._draw_tasks),
                "settings": Tab(_("Settings"), self._draw_settings),
            },
            tab,
        )
        self._timer = live(self.look, _EVERY_S)

    async def look(self) -> bool:
        """Bring everything up to date; return whether it may still change by itself."""
        seen = view()
        found = await seen.services.ota.jobs.course(await seen.act(), self.course.job.id)
        self._show(found)
        if self._tasks is not None:
            await self._tasks.refresh(found.job)
        return found.job.ended_at is None

    async def again(self) -> None:
        """Bring everything up to date after something was done, and go on doing so."""
        if await self.look():
            self._timer.activate()

    def _show(self, found: JobCourse) -> None:
        self.course = found
        self._actions.show(found.job)
        self._head.show(found)
        if self._course is not None:
            self._course.show(found)
        if self._settings is not None:
            self._settings.show(found.job)

    async def _draw_course(self) -> None:
        self._course = Course(self.course.job)
        self._course.show(self.course)

    async def _draw_tasks(self) -> None:
        self._tasks = TaskList(self.course.job, self._asked, self.again)
        await self._tasks.show()

    async def _draw_settings(self) -> None:
        self._settings = Settings()
        self._settings.show(self.course.job)
