"""A fleet of load connections, spread over a few processes of their own."""

import multiprocessing
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.load import Door, Load, Phase, serve
from bench.wire import Credential
from tests.support.server import Address

_spawning = multiprocessing.get_context("spawn")
_STOP_WITHIN_S = 30


class Fleet:
    """Connections that do one thing at a time, all of them; `start` and `collect` are the halves of `call`."""

    def __init__(
        self,
        address: Address,
        credentials: Sequence[Credential],
        processes: int,
        *,
        tls: bool,
        load_type: type[Load] = Load,
    ) -> None:
        self.size = len(credentials)
        self._members = []
        for number in range(processes):
            ours, theirs = _spawning.Pipe()
            door = Door(address.host, address.port, f"127.0.1.{number + 1}", tls)
            arguments = theirs, door, credentials[number::processes], load_type
            process = _spawning.Process(target=serve, args=arguments, daemon=True)
            process.start()
            self._members.append((process, ours))

    def start(self, method: str, *arguments: object) -> None:
        """Ask every process for the same."""
        for _, pipe in self._members:
            pipe.send((method, arguments))

    def collect(self) -> list[Any]:
        """Return what every process answered.

        Raises:
            Exception: what one of them raised.
        """
        answers = [pipe.recv() for _, pipe in self._members]
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    def call(self, method: str, *arguments: object) -> Phase:
        """Run one phase and return it, merged over the processes."""
        self.start(method, *arguments)
        return self.phase()

    def phase(self) -> Phase:
        """Return the phase that was started, merged over the processes."""
        phases: list[Phase] = self.collect()
        latencies = array("d")
        for phase in phases:
            latencies.extend(phase.latencies)
        started, ended = min(phase.started for phase in phases), max(phase.ended for phase in phases)
        return Phase(started, ended, latencies, sum(phase.lost for phase in phases))

    def connect(self, at_once: int) -> Phase:
        """Open every connection, ``at_once`` at most being on their way."""
        return self.call("connect", max(1, at_once // len(self._members)))

    def drop(self) -> None:
        """Cut every connection without a goodbye."""
        self.start("drop")
        self.collect()

    def pushes(self) -> list[float]:
        """Return when each push came, in order."""
        return sorted(moment for moments in self.collect() for moment in moments)

    def close(self) -> None:
        """End the processes, and with them the connections."""
        for process, pipe in self._members:
            pipe.send(None)
            process.join(_STOP_WITHIN_S)
            process.kill()


@contextmanager
def fleet(
    address: Address,
    credentials: Sequence[Credential],
    processes: int = 1,
    *,
    tls: bool = False,
    load_type: type[Load] = Load,
) -> Iterator[Fleet]:
    """Run the load processes until the block ends; nothing is connected yet."""
    running = Fleet(address, credentials, processes, tls=tls, load_type=load_type)
    try:
        yield running
    finally:
        running.close()
