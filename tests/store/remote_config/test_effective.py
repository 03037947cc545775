"""Which configuration each device has."""

import hashlib

from linkops.db import Tx
from linkops.devices.model import Product
from linkops.events.actor import SYSTEM
from linkops.remote_config.documents import store
from linkops.remote_config.documents.contents.store import keep
from linkops.remote_config.documents.effective import Effective, content, effective
from linkops.remote_config.documents.model import MAX_BYTES, Scope, Version
from tests.support.devices import DeviceServices
from tests.support.groups import about, dynamic, static

TYPED = b'{ "a": 1,\r\n "b": [1.10] }\n'


class Documents:
    """Saves documents of a product as they are, and asks what devices have."""

    def __init__(self, services: DeviceServices, product: Product) -> None:
        self._services = services
        self._product = product

    async def save(
        self, content: bytes | None, *, group: int | None = None, device: int | None = None, priority: int = 0
    ) -> Version:
        """Save a document for the product, or a narrower one; None removes it."""
        scope = Scope.GROUP if group else Scope.DEVICE if device else Scope.PRODUCT
        now = self._services.clock.now()

        def write(tx: Tx) -> Version:
            document = store.lock(tx, store.Place(self._product.id, scope, group, device))
            kept = None if content is None else keep(tx, self._product.id, content, now)
            size = 0 if content is None else len(content)
            new = store.VersionToAdd(None if kept is None else kept.id, size, priority, None, "", "ann")
            return store.add_version(tx, document, new, now)

        return await self._services.db.write(write)

    async def of(self, *device_ids: int) -> dict[int, Effective]:
        """Return what devices have."""
        now = self._services.clock.now()
        return await self._services.db.write(effective, self._product.id, device_ids, now)

    async def text(self, device_id: int) -> bytes | None:
        """Return the bytes that a device has, None: none."""
        found = (await self.of(device_id)).get(device_id)
        return None if found is None else await self._services.db.read(content, found.content_id)


async def test_without_documents_nothing_applies(services: DeviceServices) -> None:
    product = await services.product()
    device = await services.device(product)
    assert await Documents(services, product).of(device.id) == {}


async def test_the_products_document_is_given_byte_for_byte(services: DeviceServices) -> None:
    product = await services.product()
    devices = [await services.device(product) for _ in range(2)]
    documents = Documents(services, product)
    version = await documents.save(TYPED)
    found = await documents.of(*(device.id for device in devices))
    [same] = set(found.values())
    assert set(found) == {device.id for device in devices}
    digest = hashlib.sha256(TYPED).hexdigest()
    assert same == Effective(str(version.id), same.content_id, len(TYPED), digest, 1)
    assert await documents.text(devices[0].id) == TYPED


async def test_narrower_documents_are_laid_over_in_order(services: DeviceServices) -> None:
    product = await services.product()
    device, other = await services.device(product), await services.device(product)
    low, high = await static(services, "low", product), await dynamic(services, product, about("enabled", holds=True))
    documents = Documents(services, product)
    await services.members.add(SYSTEM, low.id, [device.key])
    await documents.save(b'{"a":1,"b":{"x":1,"y":2},"z":null}')
    await documents.save(b'{"a":2,"b":{"x":null},"c":1.10}', group=low.id, priority=5)
    await documents.save(b'{"a":3,"d":"g"}', group=high.id, priority=7)
    await documents.save(b'{"d":{"e":"own"}}', device=device.id)
    assert await documents.text(device.id) == b'{"a":3,"b":{"y":2},"c":1.10,"d":{"e":"own"},"z":null}'
    assert await documents.text(other.id) == b'{"a":3,"b":{"x":1,"y":2},"d":"g","z":null}'
    await documents.save(b'{"a":4}', group=low.id, priority=8)
    assert await documents.text(device.id) == b'{"a":4,"b":{"x":1,"y":2},"d":{"e":"own"},"z":null}'


async def test_the_id_differs_wherever_the_content_does(services: DeviceServices) -> None:
    product = await services.product()
    devices = [await services.device(product) for _ in range(3)]
    documents = Documents(services, product)
    first = await documents.save(b'{"a":1}')
    await documents.save(b'{"a":2}', device=devices[0].id)
    own = await documents.save(b'{"a":2}', device=devices[1].id)
    found = await documents.of(*(device.id for device in devices))
    one, two, plain = (found[device.id] for device in devices)
    assert one == two
    assert one.config_id == f"{first.id}-{one.sha256[:12]}"
    assert (plain.config_id, plain.version) == (str(first.id), 1)
    await documents.save(None, device=devices[1].id)
    assert (await documents.of(devices[1].id))[devices[1].id] == plain
    assert own.number == 1


async def test_a_narrower_document_needs_none_of_the_product(services: DeviceServices) -> None:
    product = await services.product()
    device, other = await services.device(product), await services.device(product)
    documents = Documents(services, product)
    await documents.save(b'{"b":2,"a":null}', device=device.id)
    found = await documents.of(device.id, other.id)
    assert set(found) == {device.id}
    assert (found[device.id].version, found[device.id].config_id[:2]) == (0, "0-")
    assert await documents.text(device.id) == b'{"b":2}'


async def test_what_grows_too_large_is_not_given(services: DeviceServices) -> None:
    product = await services.product()
    device = await services.device(product)
    documents = Documents(services, product)
    most = MAX_BYTES - len(b'{"a":""}')
    await documents.save(b'{"a":"' + b"x" * most + b'"}')
    await documents.save(b'{"b":1}', device=device.id)
    assert await documents.of(device.id) == {}
    assert await documents.of(device.id) == {}
    await documents.save(b'{"a":"' + b"x" * (most - len(b',"b":1')) + b'"}')
    assert (await documents.of(device.id))[device.id].size_bytes == MAX_BYTES


async def test_merges_are_done_once(services: DeviceServices) -> None:
    product = await services.product()
    device = await services.device(product)
    documents = Documents(services, product)
    await documents.save(b'{"a":1}')
    await documents.save(b'{"b":1}', device=device.id)
    first = await documents.of(device.id)
    rows = await services.db.read(lambda tx: tx.all("SELECT * FROM config_rendering"))
    assert len(rows) == 1
    assert await documents.of(device.id) == first
    assert await services.db.read(lambda tx: tx.all("SELECT * FROM config_rendering")) == rows
