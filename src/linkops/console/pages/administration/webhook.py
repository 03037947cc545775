"""A webhook: how its deliveries go, what it did not take, and what to do about it."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.administration.letters import Letters
from linkops.console.pages.administration.webhook_form import KIND_WORDS, edit_webhook, show_secret
from linkops.console.pages.administration.webhooks import state_of, title_of
from linkops.console.parts.dialogs import confirm
from linkops.console.parts.links import go
from linkops.console.parts.live import live
from linkops.console.parts.panels import Fact, facts, panel
from linkops.console.parts.sheet import sheet
from linkops.console.parts.status import chip
from linkops.console.parts.times import ago, exact
from linkops.console.state import console
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.events.actor import Role
from linkops.subscriptions.model import DisabledReason, Webhook, WebhookChange

_MOST_ID = 2**62
_WHY = {
    DisabledReason.GONE: n_("The application answered 410: it wants no more events. Enable the webhook to try again."),
    DisabledReason.FAILING: n_("It failed for too long and was disabled. Enable it to go on where it stands."),
}


@page("/webhooks/{webhook_id}", n_("Webhook"), role=Role.ADMIN)
async def webhook(webhook_id: int) -> None:
    """Show a webhook."""
    seen = view()
    found = await seen.services.subscriptions.webhooks.get(seen.actor, min(webhook_id, _MOST_ID))
    row = frame.heading(title_of(found), above=((_("Webhooks"), "/webhooks"),))
    shown = _Shown(found, row)
    await shown.letters.show()
    live(shown.look)


class _Shown:
    """The page of a webhook, whose figures follow what happens."""

    def __init__(self, found: Webhook, buttons: ui.row) -> None:
        self._webhook = found
        self._buttons = buttons
        self._notice = ui.element("div").classes("notice")
        with ui.element("div").classes("columns"):
            self._course, self._asked = ui.element("div"), ui.element("div")
        self.letters = Letters(found.id, self.again)
        self._draw()

    def _draw(self) -> None:
        for place, draw in (
            (self._buttons, self._draw_buttons),
            (self._notice, self._draw_notice),
            (self._course, self._draw_course),
            (self._asked, self._draw_asked),
        ):
            place.clear()
            with place:
                draw()

    def _draw_buttons(self) -> None:
        ui.button(_("Send a test"), icon="send", on_click=action(self._test)).props("unelevated")
        ui.button(_("Edit"), on_click=lambda: edit_webhook(self._webhook, self.again)).props("outline")
        if self._webhook.enabled:
            ui.button(_("Disable"), on_click=self._ask_disable).props("outline")
        else:
            ui.button(_("Enable"), on_click=self._ask_enable).props("outline")
        ui.button(_("New secret"), on_click=self._ask_rotate).props("outline")
        ui.button(_("Delete"), on_click=self._ask_delete).props("outline color=negative")

    def _draw_notice(self) -> None:
        reason = self._webhook.disabled_reason
        if reason in _WHY:
            ui.label(_(_WHY[reason])).classes("danger").props("role=alert")

    def _draw_course(self) -> None:
        found = self._webhook
        with panel(_("Delivery")) as head:
            with head:
                chip(state_of(found))
            lines = [
                Fact(_("Last delivered"), ago(found.delivered_at) or _("Nothing yet"), exact(found.delivered_at)),
                Fact(_("Waiting"), _("{count} events of the log", count=f"{found.behind:,}")),
                Fact(_("Dead letters"), f"{found.dead_letters:,}"),
            ]
            if found.failures:
                lines += [
                    Fact(_("Failed tries in a row"), f"{found.failures:,}"),
                    Fact(_("Failing since"), ago(found.failing_since_at), exact(found.failing_since_at)),
                ]
                if found.enabled:
                    lines.append(Fact(_("Next try"), self._next_try(), exact(found.next_try_at or None)))
            if found.last_error:
                lines.append(Fact(_("Last error"), found.last_error))
            facts(lines)

    def _next_try(self) -> str:
        at = self._webhook.next_try_at
        return ago(at) if at > console().clock.now() else _("Now")

    def _draw_asked(self) -> None:
        found = self._webhook
        with panel(_("What it is sent")):
            facts(
                [
                    Fact(_("URL"), found.url, code=True),
                    Fact(_("Product"), found.product_key or _("All products")),
                    Fact(_("Requests"), _("Many events in one") if found.batch else _("One event each")),
                    Fact(_("Old secret"), _("Signs, too, until {time}", time=exact(found.old_secret_until_at)))
                    if found.old_secret_until_at
                    else Fact(_("Old secret"), _("None")),
                    Fact(_("Made by"), found.created_by),
                    Fact(_("Created"), ago(found.created_at), exact(found.created_at)),
                ]
            )
            with ui.element("div").classes("tags"):
                for kind in found.kinds:
                    words = _(KIND_WORDS[kind]) if kind in KIND_WORDS else kind
                    ui.label(kind).classes("tag").props["title"] = words

    async def look(self) -> bool:
        """Look how it goes; true: look again."""
        seen = view()
        found = await seen.services.subscriptions.webhooks.get(await seen.act(), self._webhook.id)
        before, self._webhook = self._webhook, found
        if (found.enabled, found.updated_at) != (before.enabled, before.updated_at):
            self._draw()
        elif found != before:  # buttons stay where they are: somebody may be about to press one
            self._course.clear()
            with self._course:
                self._draw_course()
        if found.dead_letters != before.dead_letters:
            await self.letters.refresh()
        return True

    async def again(self) -> None:
        """Show what is so now."""
        await self.look()
        await self.letters.refresh()

    async def _test(self) -> None:
        seen = view()
        answer = await seen.services.subscriptions.webhooks.test(await seen.act(), self._webhook.id)
        if answer.taken:
            text = _("Taken: HTTP {status} after {ms} ms", status=answer.status, ms=f"{answer.duration_ms:,}")
            ui.notify(text, type="positive")
        else:
            ui.notify(_("Not taken: {error}", error=answer.error), type="negative", timeout=8_000)

    async def _edit(self, change: WebhookChange) -> None:
        seen = view()
        await seen.services.subscriptions.webhooks.edit(await seen.act(), self._webhook.id, change)
        await self.again()

    def _ask_disable(self) -> None:
        text = _("Events wait in the log meanwhile, for as long as it is kept.")
        change = WebhookChange(enabled=False)
        confirm(_("Disable the webhook?"), text, lambda: self._edit(change), button=_("Disable"))

    def _ask_enable(self) -> None:
        with sheet(_("Enable the webhook?")) as dialog:
            ui.label(_("{count} events of the log wait for it.", count=f"{self._webhook.behind:,}"))
            skip = ui.checkbox(_("Leave these out, and begin with what happens from now on"))

            async def enable() -> None:
                dialog.close()
                await self._edit(WebhookChange(enabled=True, skip_backlog=bool(skip.value)))

            with ui.row().classes("dialog-actions"):
                ui.button(_("Cancel"), on_click=dialog.close).props("flat")
                ui.button(_("Enable"), on_click=action(enable)).props("unelevated autofocus")

    def _ask_rotate(self) -> None:
        async def rotate() -> None:
            seen = view()
            made = await seen.services.subscriptions.webhooks.rotate_secret(await seen.act(), self._webhook.id)
            show_secret(made.secret)
            await self.again()

        text = _("For 24 hours requests carry a signature of the old secret, too, so that the application can follow.")
        confirm(_("Give it a new secret?"), text, rotate, button=_("New secret"), dangerous=False)

    def _ask_delete(self) -> None:
        async def delete() -> None:
            seen = view()
            await seen.services.subscriptions.webhooks.delete(await seen.act(), self._webhook.id)
            go("/console/webhooks")

        text = _("The webhook and its {count} dead letters are gone for good.", count=f"{self._webhook.dead_letters:,}")
        confirm(_("Delete the webhook?"), text, delete, button=_("Delete"), typed=_("delete"))
