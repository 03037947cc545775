"""Devices on the wire that do as they are told: for demonstrations, tests and loads (docs/simulator.md).

As a library::

    server = ServerAddress("127.0.0.1", 1883)
    async with Fleet(server, identities, mix=Mix.parse("succeed=90,fail:-2=5,hang=5")) as fleet:
        await fleet.settled()
        ...
        print(fleet.statistics.outcomes)

A `Fleet` is one loop; `linkops.simulator.processes` spreads a large one over several processes.
"""

from linkops.simulator.behaviour import BEHAVIOURS, Mix, UnknownBehaviour
from linkops.simulator.credentials import DeviceIdentity
from linkops.simulator.device import SimulatedDevice
from linkops.simulator.fleet import Fleet
from linkops.simulator.limits import Limits
from linkops.simulator.link import ServerAddress
from linkops.simulator.pace import Pace
from linkops.simulator.statistics import Observer, Statistics

__all__ = [
    "BEHAVIOURS",
    "DeviceIdentity",
    "Fleet",
    "Limits",
    "Mix",
    "Observer",
    "Pace",
    "ServerAddress",
    "SimulatedDevice",
    "Statistics",
    "UnknownBehaviour",
]
