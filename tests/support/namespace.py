"""A network of a test's own: addresses that exist nowhere else, and that nobody else can reach."""

import ctypes
import multiprocessing
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.programs import program

_CLONE_NEWNET = 0x40000000  # sched.h
_NOT_PERMITTED = 77
_WITHIN_S = 280
_spawning = multiprocessing.get_context("spawn")


def run_in_own_network(address: str, body: Callable[..., None], *arguments: Any) -> None:
    """Run ``body`` in a process of its own, in a network with nothing but a loopback that also has ``address``.

    Raises:
        AssertionError: when it failed; what it says is on stderr.
    """
    process = _spawning.Process(target=_inside, args=(program("ip", package="iproute2"), address, body, arguments))
    process.start()
    process.join(_WITHIN_S)
    process.kill()
    if process.exitcode == _NOT_PERMITTED:
        pytest.skip("this user may not make a network of its own")
    assert process.exitcode == 0, "it failed inside its own network, see above"


def _inside(ip: str, address: str, body: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
        sys.exit(_NOT_PERMITTED)
    subprocess.run([ip, "link", "set", "lo", "up"], check=True)
    subprocess.run([ip, "address", "add", f"{address}/32", "dev", "lo"], check=True)
    body(*arguments)
