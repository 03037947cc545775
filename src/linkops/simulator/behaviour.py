"""What simulated devices do with an update: one table, and mixtures of its rows.

A behaviour is a short script of acts; `linkops.simulator.device` performs them. Every script that reaches `Install`
really verified the file before.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from linkops.alink.firmware import DOWNLOAD_FAILED, FLASH_FAILED, UPGRADE_FAILED, VERIFY_FAILED

SLOW_BYTES_PER_S = 10_000


@dataclass(frozen=True, slots=True)
class Fetch:
    """Download on, up to ``until_percent`` of the file, reporting progress.

    Attributes:
        spoiled: one byte arrives wrong, so that verifying must fail.
        disturbed: some blocks of a download over MQTT get lost or broken, and are asked for again.
        bytes_per_s: None is as fast as it comes.
    """

    until_percent: int = 100
    spoiled: bool = False
    disturbed: bool = False
    bytes_per_s: int | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """Report failure ``step`` (-1 to -4) and give up."""

    step: int


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing more about this update."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Lose the connection and come back; what was downloaded is kept."""


@dataclass(frozen=True, slots=True)
class Install:
    """Verify, restart, and report the version that runs then: the new one, or ``"…-wrong"``."""

    wrong_version: bool = False


Act = Fetch | Fail | Hang | Drop | Install


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One row of the table; ``name`` is what the command line calls it."""

    name: str
    meaning: str
    script: tuple[Act, ...]


def _table(*rows: Behaviour) -> dict[str, Behaviour]:
    return {row.name: row for row in rows}


BEHAVIOURS = _table(
    Behaviour("succeed", "downloads, verifies, restarts, reports the new version", (Fetch(), Install())),
    Behaviour("fail:-1", "reports -1, upgrade failed, before it downloads", (Fail(UPGRADE_FAILED),)),
    Behaviour("fail:-2", "reports -2, download failed, half-way", (Fetch(until_percent=50), Fail(DOWNLOAD_FAILED))),
    Behaviour("fail:-3", "reports -3, verifying failed, after the download", (Fetch(), Fail(VERIFY_FAILED))),
    Behaviour("fail:-4", "reports -4, flashing failed, after the download", (Fetch(), Fail(FLASH_FAILED))),
    Behaviour("hang", "stops reporting early in the download", (Fetch(until_percent=10), Hang())),
    Behaviour("silent", "takes the push and never answers it", (Hang(),)),
    Behaviour(
        "wrong-version", "restarts and reports another version than asked", (Fetch(), Install(wrong_version=True))
    ),
    Behaviour(
        "disconnect", "loses its connection half-way, resumes", (Fetch(until_percent=50), Drop(), Fetch(), Install())
    ),
    Behaviour("corrupt", "one byte arrives wrong: verifying fails, reports -3", (Fetch(spoiled=True), Install())),
    Behaviour(
        "lossy",
        "loses and breaks blocks of a download over MQTT, asks for them again",
        (Fetch(disturbed=True), Install()),
    ),
    Behaviour("slow", f"downloads {SLOW_BYTES_PER_S} bytes/s", (Fetch(bytes_per_s=SLOW_BYTES_PER_S), Install())),
)
SUCCEED = BEHAVIOURS["succeed"]


class UnknownBehaviour(ValueError):  # noqa: N818 - says what is the case
    """A mixture names a behaviour that the table does not have, or a weight that is no positive number."""


class Mix:
    """Behaviours with weights, dealt out so that any run of devices comes close to the weights."""

    def __init__(self, weights: dict[str, float]) -> None:
        """Raises `UnknownBehaviour`."""
        for name, weight in weights.items():
            if name not in BEHAVIOURS:
                raise UnknownBehaviour(f"no behaviour {name!r}; there are: {', '.join(BEHAVIOURS)}")
            if not 0 < weight < float("inf"):
                raise UnknownBehaviour(f"the weight of {name} is not a positive number")
        self._behaviours = [BEHAVIOURS[name] for name in weights]
        self._bounds = list(accumulate(weights.values()))

    @classmethod
    def parse(cls, text: str) -> "Mix":
        """Return the mixture that ``text`` describes, as in ``succeed=90,fail:-2=5,hang=5``; one name alone is enough.

        Raises:
            UnknownBehaviour: when the text names what the table does not have, or gives a weight twice or wrongly.
        """
        weights: dict[str, float] = {}
        for part in text.split(","):
            name, _, weight = part.strip().partition("=")
            if name in weights:
                raise UnknownBehaviour(f"{name} stands twice in the mixture")
            weights[name] = _number(weight) if weight else 1.0
        return cls(weights)

    def __iter__(self) -> Iterator[Behaviour]:
        """Yield one behaviour per device, for ever; the order is always the same."""
        # The golden ratio's multiples fill the interval evenly: of 100 devices at 99:1, one is of the rare kind.
        position, total = 0.5, self._bounds[-1]
        while True:
            yield self._behaviours[bisect_right(self._bounds, position * total)]
            position = (position + 0.6180339887498949) % 1.0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnknownBehaviour(f"{text!r} is not a weight") from None
