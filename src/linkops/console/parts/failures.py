"""Why updates fail, in words."""

from linkops.console.texts import n_
from linkops.ota.model import FailureKind

FAILURES = {
    FailureKind.CONFLICT: n_("Another update was not finished"),
    FailureKind.UPDATE: n_("Update failed (-1)"),
    FailureKind.DOWNLOAD: n_("Download failed (-2)"),
    FailureKind.VERIFY: n_("Check of the file failed (-3)"),
    FailureKind.FLASH: n_("Flashing failed (-4)"),
    FailureKind.TIMEOUT: n_("Timed out"),
    FailureKind.WRONG_VERSION: n_("Came up with another version"),
}
