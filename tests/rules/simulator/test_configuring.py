"""What a simulated device says about configuration, and what it makes of what it is told."""

import json

from linkops.alink.configuration import (
    Configuration,
    read_config_get,
    read_push_reply,
    write_config_push,
    write_config_refusal,
    write_config_reply,
)
from linkops.simulator.configuring import FAILED, Offered, read_offered, write_answer, write_config_get

FOUND = Configuration.of("17", 22, "a" * 64, "https://ops.example/files/x")
OFFERED = Offered("https://ops.example/files/x", "a" * 64, 22, "17")


def test_pushes_and_answers_to_pulls_are_understood() -> None:
    assert read_offered(write_config_push(5, FOUND)) == ("5", OFFERED)
    assert read_offered(write_config_reply("9", FOUND)) == ("9", OFFERED)


def test_nothing_is_made_of_anything_else() -> None:
    for payload in (write_config_refusal("9", 6710), b"{", b"[]", b'{"id":"1"}'):
        assert read_offered(payload) is None


def test_what_it_says_the_server_understands() -> None:
    assert read_config_get(write_config_get(7)) == "7"
    said = read_push_reply(write_answer("5", FAILED))
    assert (said.id, said.code, said.message) == ("5", FAILED, "as asked of the simulator")
    assert json.loads(write_answer(5, 200))["id"] == 5
