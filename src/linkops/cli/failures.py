"""How a command fails: a sentence that says what to do, and an exit code (docs/cli.md#exit-codes)."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process returns; 2 (wrong usage) comes from the command line parser."""

    DONE = 0
    FAILED = 1
    NOT_ALLOWED = 3
    UNREACHABLE = 4
    ROLLOUT_FAILED = 5
    INTERRUPTED = 130


class CommandFailed(Exception):  # noqa: N818 - says what is the case
    """Ends the command with ``message`` on standard error."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
