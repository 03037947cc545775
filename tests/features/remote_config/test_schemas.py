"""Documents that must fit a schema."""

import asyncio
import json
from typing import Any

import pytest

from linkops.errors import Invalid, TooMany
from linkops.events.actor import SYSTEM
from linkops.remote_config.documents.schemas.process import SchemaChecks
from linkops.remote_config.documents.schemas.rules import checked_schema
from linkops.remote_config.documents.schemas.verdict import Order, Verdict
from tests.support.configuration import Office
from tests.support.groups import static

LIMITS = json.dumps(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"seconds": {"type": "integer", "minimum": 10}},
        "type": "object",
        "properties": {
            "report_s": {"$ref": "#/$defs/seconds"},
            "hosts": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["report_s"],
    }
)


async def refused(office: Office, target: Any, content: str, base: int = 0) -> dict[str, Any]:
    """Return why a document is not saved."""
    with pytest.raises(Invalid) as why:
        await office.save(target, content, base)
    return {"code": why.value.code, **why.value.params}


async def test_documents_that_do_not_fit_are_not_saved(office: Office) -> None:
    await office.device("pump-1")
    group = await static(office.devices, "beta", office.product)
    await office.save(office.schema, LIMITS)
    why = await refused(office, office.of_product, '{"report_s":5,"hosts":["a",1]}')
    assert (why["code"], why["field"]) == ("config.schema_broken", "content")
    assert [(found.pointer, found.keyword) for found in why["violations"]] == [
        ("/hosts/1", "type"),
        ("/report_s", "minimum"),
    ]
    await office.save(office.of_product, '{"report_s":60}')
    why = await refused(office, office.of_group(group.id), '{"report_s":null}')
    assert (why["pointer"], why["reason"]) == ("", "'report_s' is a required property")
    assert (await refused(office, office.of_device("pump-1"), '{"hosts":{}}'))["pointer"] == "/hosts"
    assert (await office.save(office.of_device("pump-1"), '{"hosts":["a"]}')).made


async def test_a_schema_has_versions_and_says_what_does_not_fit_now(office: Office) -> None:
    await office.save(office.of_product, '{"report_s":5}')
    saved = await office.save(office.schema, LIMITS)
    assert [violation.pointer for violation in saved.violations] == ["/report_s"]
    assert not (await office.save(office.schema, LIMITS, 1)).made
    assert (await refused(office, office.of_product, '{"report_s":6}', 1))["code"] == "config.schema_broken"
    await office.config.editing.remove(SYSTEM, office.schema, 1)
    await office.save(office.of_product, '{"report_s":6}', 1)
    restored = await office.config.editing.restore(SYSTEM, office.schema, 1, 2)
    assert (restored.version.number, restored.version.restored_from) == (3, 1)
    assert [violation.pointer for violation in restored.violations] == ["/report_s"]
    assert ("config.remove", f"config:{office.product.product_key}/schema") in await office.audited()


async def test_an_earlier_version_must_fit_the_schema_of_today(office: Office) -> None:
    await office.save(office.of_product, '{"report_s":5}')
    await office.save(office.of_product, '{"report_s":50}', 1)
    await office.save(office.schema, LIMITS)
    with pytest.raises(Invalid):
        await office.config.editing.restore(SYSTEM, office.of_product, 1, 2)


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": 5}, "/type"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern"),
        ({"properties": {"a~/b": {"minimum": "1"}}}, "/properties/a~0~1b/minimum"),
    ],
)
async def test_what_is_no_schema(office: Office, schema: Any, pointer: str) -> None:
    why = await refused(office, office.schema, json.dumps(schema))
    assert (why["code"], why["pointer"]) == ("config.schema_invalid", pointer)


async def test_a_schema_that_leads_nowhere(office: Office) -> None:
    await office.save(office.of_product, "{}")
    assert (await refused(office, office.schema, '{"$ref":"#"}'))["code"] == "config.schema_endless"
    assert (await refused(office, office.schema, '{"$ref":"#/$defs/a"}'))["code"] == "config.schema_invalid"


async def test_a_pattern_that_never_ends_is_cut_off(office: Office) -> None:
    await office.save(office.schema, '{"properties":{"a":{"pattern":"^(a+)+$"}}}')
    why = await refused(office, office.of_product, json.dumps({"a": "a" * 60 + "b"}))
    assert why["code"] == "config.schema_too_slow"
    assert (await office.save(office.of_product, '{"a":"aa"}')).made


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "config.schema_dialect"),
        ({"$schema": 5}, "config.schema_dialect"),
        ({"allOf": [{"$ref": "https://example.com/schema.json"}]}, "config.schema_reference"),
        ({"properties": {"a": {"$dynamicRef": "other.json#a"}}}, "config.schema_reference"),
    ],
)
def test_what_a_schema_may_not_say(schema: Any, code: str) -> None:
    with pytest.raises(Invalid) as why:
        checked_schema(json.dumps(schema))
    assert why.value.code == code


def test_properties_may_be_called_like_references() -> None:
    assert checked_schema('{"properties":{"$ref":{"type":"string"}}}')


async def test_so_many_checks_wait_and_no_more() -> None:
    checks = SchemaChecks(waiting_most=3)
    asked = [checks.judge(Order("{}", "{}")) for _ in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers[:3] == [Verdict()] * 3
    assert all(isinstance(answer, TooMany) for answer in answers[3:])
    assert await checks.judge(Order("{}", None)) == Verdict()
