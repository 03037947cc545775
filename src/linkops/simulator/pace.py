"""How fast simulated devices live."""

import random

import msgspec


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Durations are seconds; devices spread them, so that a fleet does not move in step.

    Attributes:
        progress_percent: a progress report each time that this much more has arrived.
        bytes_per_s: of a download; None is as fast as it comes.
        block_bytes: size of a block where the file comes over MQTT; the server takes 256 to 131,072.
        block_timeout_s: a block that has not come after so long is asked for again.
        install_s: from the verified download to the restart.
        restart_s: how long a restart takes, and how long a dropped connection stays away.
        keep_alive_s: between two signs of life; the server takes 30 to 1,200.
        reconnect_s: the first wait after a failure; it doubles up to ``reconnect_at_most_s``.
    """

    progress_percent: int = 25
    bytes_per_s: int | None = None
    block_bytes: int = 10_240
    block_timeout_s: float = 10.0
    install_s: float = 0.0
    restart_s: float = 0.5
    keep_alive_s: int = 300
    reconnect_s: float = 1.0
    reconnect_at_most_s: float = 60.0

    def spread(self, duration_s: float) -> float:
        """Return about ``duration_s``, half of it more or less."""
        return duration_s * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, guards nothing

    def reconnect_after_s(self, failures: int) -> float:
        """Return how long to wait after ``failures`` tries in a row that failed."""
        return self.spread(min(self.reconnect_s * 2 ** min(failures, 16), self.reconnect_at_most_s) / 1.5)
