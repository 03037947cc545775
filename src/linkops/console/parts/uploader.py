"""Choosing files and sending them: with progress, pause, and the digests of both sides (``uploader.js``)."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from linkops.console.parts.sizes import size_text
from linkops.console.texts import _
from linkops.console.theme import STATIC
from linkops.console.view import view
from linkops.ota.names import MAX_FILES

_WORKER = "sha256.js"


class ChosenFile(msgspec.Struct, frozen=True):
    """A file that somebody chose.

    Attributes:
        id: of its upload; '' before that has begun.
        told: the name that devices are told.
        state: ``done`` once a package can be made of it.
    """

    id: str
    name: str
    told: str
    size: int
    state: str


class Uploader(Element, component="uploader.js"):
    """Files of a package to be, in the order in which devices are told of them."""

    def __init__(self, changed: Callable[[], Any]) -> None:
        """Draw it; ``changed`` is called when there are other files, or one is in another state."""
        super().__init__()
        self.files: list[ChosenFile] = []
        self._changed = changed
        settings = view().settings
        self._props["address"] = "/console/uploads"
        self._props["worker"] = f"/console/static/{_WORKER}?{_worker_digest()}"
        self._props["language"] = {"zh": "zh-CN"}.get(view().language, "en")
        self._props["suffixes"] = list(settings.package_file_suffixes)
        self._props["max_bytes"] = settings.max_file_bytes
        self._props["max_files"] = MAX_FILES
        self._props["problem"] = ""
        self._props["words"] = _words(settings.package_file_suffixes, settings.max_file_bytes)
        self.on("files", self._took)

    def _took(self, event: GenericEventArguments) -> None:
        self.files = msgspec.convert(event.args, list[ChosenFile])
        self.say("")
        self._changed()

    @property
    def complete(self) -> bool:
        """Whether there are files and each is ready for a package."""
        return bool(self.files) and all(file.state == "done" for file in self.files)

    def say(self, problem: str) -> None:
        """Say what is wrong with the files; "" takes it back."""
        if self._props["problem"] != problem:
            self._props["problem"] = problem
            self.update()


@cache
def _worker_digest() -> str:
    return sha256((STATIC / _WORKER).read_bytes()).hexdigest()[:12]


def _words(suffixes: tuple[str, ...], max_bytes: int) -> dict[str, str]:
    """Return what the component says; blanks that are left are filled in there."""
    ends, most = " ".join(suffixes), size_text(max_bytes)
    limits = _("1 to {files} files, each of at most {most}, ending in {suffixes}", files=MAX_FILES, most=most,
               suffixes=ends)  # fmt: skip
    return {
        "choose": _("Choose files"),
        "or_drop": _("or drop them here"),
        "limits": limits,
        "files": _("Files of the package"),
        "pause": _("Pause"),
        "resume": _("Go on"),
        "again": _("Try again"),
        "remove": _("Remove"),
        "remove_one": _("Remove {name}"),
        "queued": _("Waits for its turn"),
        "uploading": _("Uploading"),
        "waiting": _("Interrupted"),
        "paused": _("Paused"),
        "checking": _("Being checked"),
        "done": _("Uploaded"),
        "failed": _("Failed"),
        "refused": _("Not accepted"),
        "same": _("same as on this computer"),
        "told": _("Name for devices"),
        "others": _("Your uploads that no package has"),
        "have": _("{have} of {size}"),
        "is_there": _("complete"),
        "choose_again": _("choose the same file again to go on"),
        "use": _("Use it"),
        "delete": _("Delete"),
        "too_many": _("A package has at most {files} files.", files=MAX_FILES),
        "bad_suffix": _("A file name ends in one of {suffixes}, in lower case.", suffixes=ends),
        "empty": _("The file is empty."),
        "too_large": _("A file has at most {most}.", most=most),
        "no_answer": _("No answer from the server: the upload goes on by itself as soon as there is one."),
        "failed_text": _("The server did not take the file."),
        "differs": _("The server has another file than this computer. Upload it again."),
        "unreadable": _("This computer cannot read the file any more: it was changed or taken away. Choose it again."),
        "speed": _("{speed}/s"),
        "left": _("{time} left"),
    }
