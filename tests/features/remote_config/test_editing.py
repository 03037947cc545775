"""Saving, restoring and removing documents."""

import pytest

from linkops.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from linkops.events.actor import SYSTEM, Role
from linkops.remote_config.documents import model
from linkops.remote_config.documents.model import MAX_BYTES, Draft
from tests.support.configuration import Office
from tests.support.devices import actor
from tests.support.groups import static

TYPED = '{\r\n  "a": 1.0,\r\n  "ü": "\\u00fc"\r\n}\n\n'


async def test_a_document_is_kept_as_typed(office: Office) -> None:
    assert await office.get(office.of_product) == model.Document(version=None, content=None, recent=[])
    saved = await office.save(office.of_product, TYPED)
    document = await office.get(office.of_product)
    assert (document.content, document.version, document.recent) == (TYPED, saved.version, [saved.version])
    assert (saved.made, saved.version.number, saved.version.size_bytes) == (True, 1, len(TYPED.encode()))
    assert saved.version.created_by == SYSTEM.name


async def test_versions_go_on_and_the_last_five_are_shown_first(office: Office) -> None:
    for number in range(7):
        await office.save(office.of_product, f'{{"n":{number}}}', number)
    assert [version.number for version in (await office.get(office.of_product)).recent] == [7, 6, 5, 4, 3]
    documents = office.config.documents
    assert [version.number for version in await documents.versions(SYSTEM, office.of_product, 4, 2)] == [3, 2]
    version, content = await documents.version(SYSTEM, office.of_product, 2)
    assert (version.number, content) == (2, '{"n":1}')
    with pytest.raises(NotFound):
        await documents.version(SYSTEM, office.of_product, 8)


async def test_the_same_bytes_make_no_other_version(office: Office) -> None:
    first = await office.save(office.of_product, TYPED)
    assert await office.save(office.of_product, TYPED, 1) == first._replace(made=False)
    assert await office.save(office.of_product, TYPED, 0) == first._replace(made=False)  # an answer that was lost
    assert (await office.save(office.of_product, TYPED + " ", 1)).version.number == 2


async def test_who_looked_at_an_older_version_overwrites_nothing(office: Office) -> None:
    ann = actor(Role.OPERATOR, office.product)
    await office.save(office.of_product, '{"a":1}')
    await office.save(office.of_product, '{"a":2}', 1, actor=ann)
    with pytest.raises(Conflict) as refused:
        await office.save(office.of_product, '{"a":3}', 1)
    assert refused.value.code == "config.version_newer"
    assert refused.value.params == {
        "base_version": 1,
        "version": 2,
        "created_by": ann.name,
        "created_at": office.clock.now(),
    }
    with pytest.raises(Conflict):
        await office.save(office.of_product, '{"a":3}', 3)
    assert (await office.get(office.of_product)).content == '{"a":2}'


async def test_a_base_that_never_was(office: Office) -> None:
    with pytest.raises(Conflict) as refused:
        await office.save(office.of_product, "{}", 1)
    assert refused.value.code == "config.base_unknown"


@pytest.mark.parametrize("text", ["", "[]", '{"a":1,}', '{"a":NaN}', '{"a":1,"a":1}', '{"a":"\ud800"}', "\ufeff{}"])
async def test_what_is_no_document_is_never_saved(office: Office, text: str) -> None:
    with pytest.raises(Invalid):
        await office.save(office.of_product, text)
    with pytest.raises(Invalid):
        await office.save(office.schema, text)
    assert (await office.get(office.of_product)).version is None


async def test_the_limit_is_one_of_bytes(office: Office) -> None:
    most = '{"a":"' + "é" * ((MAX_BYTES - 8) // 2) + '"}'
    with pytest.raises(TooLarge):
        await office.save(office.of_product, most + " ")
    assert (await office.save(office.of_product, most)).version.size_bytes == MAX_BYTES


async def test_a_restored_document_is_the_same_byte_for_byte(office: Office) -> None:
    first = await office.save(office.of_product, TYPED)
    await office.save(office.of_product, "{}", 1)
    with pytest.raises(Conflict):
        await office.config.editing.restore(SYSTEM, office.of_product, 1, 1)
    restored = await office.config.editing.restore(SYSTEM, office.of_product, 1, 2, "as it was")
    assert (restored.version.number, restored.version.restored_from, restored.version.comment) == (3, 1, "as it was")
    assert restored.version.sha256 == first.version.sha256
    assert restored.version.id != first.version.id
    assert (await office.get(office.of_product)).content == TYPED
    again = await office.config.editing.restore(SYSTEM, office.of_product, 1, 3)
    assert again == restored._replace(made=False)
    with pytest.raises(NotFound):
        await office.config.editing.restore(SYSTEM, office.of_product, 9, 3)


async def test_narrower_documents_are_removed_and_restored(office: Office) -> None:
    pump = await office.device("pump-1")
    target = office.of_device("pump-1")
    await office.save(office.of_product, '{"a":1}')
    await office.save(target, '{"a":2}')
    removed = await office.config.editing.remove(SYSTEM, target, 1)
    assert (removed.version.removed, removed.version.number, removed.version.size_bytes) == (True, 2, 0)
    assert await office.preview(pump) == {"a": 1}
    assert (await office.get(target)).content is None
    assert await office.config.editing.remove(SYSTEM, target, 1) == removed._replace(made=False)
    with pytest.raises(Invalid) as refused:
        await office.config.editing.restore(SYSTEM, target, 2, 2)
    assert refused.value.code == "config.version_removed"
    await office.config.editing.restore(SYSTEM, target, 1, 2)
    assert await office.preview(pump) == {"a": 2}


async def test_what_cannot_be_removed(office: Office) -> None:
    await office.device("pump-1")
    await office.save(office.of_product, "{}")
    with pytest.raises(Invalid):
        await office.config.editing.remove(SYSTEM, office.of_product, 1)
    with pytest.raises(NotFound):
        await office.config.editing.remove(SYSTEM, office.of_device("pump-1"), 0)


async def test_the_priority_of_a_group_is_part_of_its_version(office: Office) -> None:
    target = office.of_group((await static(office.devices, "beta", office.product)).id)
    assert (await office.save(target, '{"a":1}')).version.priority == 0
    changed = await office.save(target, '{"a":1}', 1, priority=5)
    assert (changed.made, changed.version.number, changed.version.priority) == (True, 2, 5)
    assert not (await office.save(target, '{"a":1}', 2)).made
    assert (await office.config.editing.restore(SYSTEM, target, 1, 2)).version.priority == 5
    for priority in (-1, 1_001):
        with pytest.raises(Invalid):
            await office.save(target, "{}", 2, priority=priority)
    with pytest.raises(Invalid):
        await office.save(office.of_product, "{}", priority=1)


@pytest.mark.parametrize("comment", ["x" * 201, "a\tb", "a\x00", "\ud800"])
async def test_a_comment_that_may_not_be(office: Office, comment: str) -> None:
    with pytest.raises(Invalid) as refused:
        await office.config.editing.save(SYSTEM, office.of_product, Draft("{}", 0, comment))
    assert refused.value.params["field"] == "comment"


async def test_a_merged_document_keeps_to_the_limit_too(office: Office) -> None:
    await office.device("pump-1")
    large = '{"a":"' + "x" * 40_000 + '"}'
    await office.save(office.of_product, large)
    with pytest.raises(Invalid) as refused:
        await office.save(office.of_device("pump-1"), large.replace("a", "b"))
    assert (refused.value.code, refused.value.params["about"]) == ("config.merged_too_large", "product")
    await office.save(office.of_device("pump-1"), large)
    with pytest.raises(Invalid) as refused:
        await office.save(office.of_product, large.replace("a", "c"), 1)
    assert refused.value.params["about"] == "device pump-1"
    assert refused.value.params["size_bytes"] > MAX_BYTES


async def test_so_many_groups_have_a_document(office: Office) -> None:
    groups = [await static(office.devices, f"group {n}", office.product) for n in range(model.MAX_GROUP_DOCUMENTS + 1)]
    for group in groups[:-1]:
        await office.save(office.of_group(group.id), "{}")
    with pytest.raises(Conflict) as refused:
        await office.save(office.of_group(groups[-1].id), "{}")
    assert refused.value.code == "config.too_many_groups"
    await office.save(office.of_group(groups[0].id), '{"a":1}', 1)
    await office.config.editing.remove(SYSTEM, office.of_group(groups[0].id), 2)
    await office.save(office.of_group(groups[-1].id), "{}")


async def test_who_may_do_what(office: Office) -> None:
    await office.device("pump-1")
    lamps = await office.devices.product("Lamps")
    everywhere = office.of_group((await static(office.devices, "all", None)).id)
    of_lamps = office.of_group((await static(office.devices, "lamps", lamps)).id)
    targets = [office.of_product, office.of_device("pump-1"), office.schema]
    viewer, stranger = actor(Role.VIEWER, office.product), actor(Role.ADMIN, lamps)
    operator = actor(Role.OPERATOR, office.product)
    for target in targets:
        assert (await office.config.documents.get(viewer, target)).version is None
        with pytest.raises(Forbidden):
            await office.save(target, "{}", actor=viewer)
        with pytest.raises(NotFound):
            await office.config.documents.get(stranger, target)
        with pytest.raises(NotFound):
            await office.save(target, "{}", actor=stranger)
        assert (await office.save(target, "{}", actor=operator)).made
        with pytest.raises(Forbidden):
            await office.config.editing.restore(viewer, target, 1, 1)
        with pytest.raises(NotFound):
            await office.config.documents.compare(stranger, target, 1, 1)
    for target in (everywhere, of_lamps):
        with pytest.raises(NotFound):
            await office.save(target, "{}", actor=operator)
    with pytest.raises(Invalid):
        await office.save(of_lamps, "{}", actor=actor(Role.OPERATOR, office.product, lamps))
    assert (await office.save(everywhere, "{}")).made
    with pytest.raises(NotFound):
        await office.save(office.of_device("pump-9"), "{}")


async def test_what_is_recorded_and_told(office: Office) -> None:
    await office.device("pump-1")
    key = office.product.product_key
    group = await static(office.devices, "beta", office.product)
    await office.save(office.of_product, '{"secret":"hush"}')
    await office.save(office.of_product, '{"secret":"hush"}')
    await office.save(office.of_group(group.id), "{}")
    await office.save(office.of_device("pump-1"), "{}")
    await office.config.editing.remove(SYSTEM, office.of_device("pump-1"), 1)
    assert await office.audited() == [
        ("config.save", f"config:{key}"),
        ("config.save", f"config:{key}/group/{group.id}"),
        ("config.save", f"config:{key}/device/pump-1"),
        ("config.remove", f"config:{key}/device/pump-1"),
    ]
    told = await office.told()
    assert [(kind, body["scope"], body["version"], body["removed"]) for kind, body in told] == [
        ("config.saved", "product", 1, False),
        ("config.saved", "group", 1, False),
        ("config.saved", "device", 1, False),
        ("config.saved", "device", 2, True),
    ]
    assert told[1][1]["groupId"] == str(group.id)
    assert "hush" not in str(told)
    assert "hush" not in str(await office.db.read(lambda tx: tx.all("SELECT * FROM audit")))


async def test_versions_are_compared(office: Office) -> None:
    await office.save(office.of_product, '{\n "a": 1,\n "b": 2\n}\n')
    await office.save(office.of_product, '{\n "a": 1,\n "c": 3\n}\n', 1)
    found = await office.config.documents.compare(SYSTEM, office.of_product, 1, 2)
    assert (found.older.number, found.newer.number) == (1, 2)
    assert found.unified.splitlines()[:2] == ["--- version 1", "+++ version 2"]
    assert {'- "b": 2', '+ "c": 3'} < set(found.unified.splitlines())
    assert [(change.path, change.kind) for change in found.changes.items] == [("/b", "removed"), ("/c", "added")]


async def test_a_deleted_group_or_device_takes_its_document_along(office: Office) -> None:
    pump = await office.device("pump-1")
    group = await static(office.devices, "beta", office.product)
    await office.devices.members.add(SYSTEM, group.id, [pump.key])
    await office.save(office.of_group(group.id), '{"a":1}')
    await office.save(office.of_device("pump-1"), '{"b":1}')
    await office.devices.groups.delete(SYSTEM, group.id)
    assert await office.preview(pump) == {"b": 1}
    await office.devices.devices.delete(SYSTEM, [pump.key])
    assert await office.preview(await office.device("pump-1")) is None
    await office.devices.devices.delete(SYSTEM, [pump.key])
    await office.devices.products.delete(SYSTEM, office.product.product_key)
    assert await office.db.read(lambda tx: tx.scalar("SELECT count(*) FROM config_document")) == 0
