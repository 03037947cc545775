"""Messages about sub-devices, as SDKs send and want them."""

from typing import Any

import pytest

from linkops.alink.jsontext import Malformed
from linkops.alink.messages import Named, read_request
from linkops.alink.topology import (
    Addition,
    TopologyFault,
    TopologyStatus,
    read_additions,
    read_named,
    write_add_notice,
    write_control,
    write_named_reply,
    write_permit,
    write_refusal,
    write_topology_change,
)

SENSOR = {"productKey": "spk", "deviceName": "sub1"}
C_SDK = {**SENSOR, "clientId": "spk.sub1", "timestamp": "2524608000000", "signmethod": "hmacSha256", "sign": "AB01"}
NODE = {**SENSOR, "clientId": "spk&sub1", "timestamp": 1700000000000, "signMethod": "hmacsha1", "sign": "ab01"}


@pytest.mark.parametrize(
    ("entry", "read"),
    [
        (C_SDK, Addition(Named("spk", "sub1"), "spk.sub1", "2524608000000", "hmacSha256", "AB01")),
        (NODE, Addition(Named("spk", "sub1"), "spk&sub1", "1700000000000", "hmacsha1", "ab01")),
        ({**C_SDK, "clientId": "spk.sub1|_ss=1,_v=sdk-c-3.2.0|"}, "spk.sub1|_ss=1,_v=sdk-c-3.2.0|"),
        ({**SENSOR, "sign": "x"}, Addition(Named("spk", "sub1"), None, None, "", "x")),
    ],
)
def test_a_proof_as_each_sdk_spells_it(entry: dict[str, Any], read: Addition | str) -> None:
    (addition,) = read_additions([entry], 1)
    assert (addition.client_id if isinstance(read, str) else addition) == read


def test_one_entry_may_come_without_its_list() -> None:
    assert read_named(SENSOR, 1) == [Named("spk", "sub1")]


def test_a_device_named_twice_counts_once() -> None:
    assert read_named([SENSOR, {**SENSOR, "deviceSecret": "as Node passes it on"}], 2) == [Named("spk", "sub1")]
    (last,) = read_additions([C_SDK, NODE], 2)
    assert last.sign_method == "hmacsha1"


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {},
        "{}",
        7,
        [SENSOR, SENSOR, SENSOR],
        [[SENSOR]],
        [{"productKey": "spk"}],
        [{**SENSOR, "deviceName": 7}],
        [{**SENSOR, "deviceName": None}],
    ],
)
def test_anything_else_is_malformed(params: Any) -> None:
    for read in (read_named, read_additions):
        with pytest.raises(Malformed):
            read(params, 2)


@pytest.mark.parametrize("wrong", [{"sign": 7}, {"timestamp": 1.5}, {"timestamp": []}, {"clientId": 1}])
def test_a_proof_of_other_types_is_malformed(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_additions([{**C_SDK, **wrong}], 1)


def test_a_topology_is_asked_for_with_a_text_for_params() -> None:
    assert read_request(b'{"id":"2","version":"1.0","params":"{}","sys":{"ack":1}}').id == "2"


def test_what_the_server_says() -> None:
    devices = [("spk", "sub1"), ("spk", "sub2")]
    listed = '[{"productKey":"spk","deviceName":"sub1"},{"productKey":"spk","deviceName":"sub2"}]'
    assert write_named_reply("7", devices, "thing.topo.get").decode() == (
        f'{{"id":"7","code":200,"data":{listed},"message":"success","method":"thing.topo.get","version":"1.0"}}'
    )
    assert write_refusal(7, TopologyFault.WRONG_SIGNATURE, "thing.topo.add", 3).decode() == (
        '{"id":7,"code":401,"data":{},"message":"request auth error (params[3])","method":"thing.topo.add",'
        '"version":"1.0"}'
    )
    assert write_topology_change("5", TopologyStatus.DISABLED, devices).decode() == (
        f'{{"id":"5","version":"1.0","params":{{"status":8,"subList":{listed}}},"method":"thing.topo.change"}}'
    )
    assert write_add_notice("5", devices).decode() == (
        f'{{"id":"5","version":"1.0","params":{listed},"method":"thing.topo.add.notify"}}'
    )
    assert write_permit("5", "spk", 60).decode() == (
        '{"id":"5","version":"1.0","params":{"time":60,"productKey":"spk"},"method":"thing.gateway.permit"}'
    )
    assert write_control("5", "thing.disable").decode() == (
        '{"id":"5","version":"1.0","params":{},"method":"thing.disable"}'
    )
