"""Keys of products, and the signatures that devices verify."""

import base64
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from linkops.db import Tx
from linkops.errors import Conflict, Forbidden, Invalid, NotFound
from linkops.events.actor import SYSTEM, Role
from linkops.ota.model import Package
from linkops.ota.signing.model import Signing, SigningKey
from tests.support.devices import actor
from tests.support.ota import IMAGE, Fleet


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, lock: KeySerializationEncryption | None = None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, lock or NoEncryption()).decode()


def verifies(key: SigningKey | None, digestsign: str, content: bytes = IMAGE) -> bool:
    """Return whether a device that knows the key would take the content."""
    assert key is not None
    public = load_pem_public_key(key.public_key.encode())
    assert isinstance(public, rsa.RSAPublicKey)
    try:
        public.verify(base64.b64decode(digestsign), content, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


async def on(fleet: Fleet) -> Signing:
    return await fleet.ota.signing.switch(SYSTEM, fleet.product.product_key, on=True)


async def pushed(fleet: Fleet, package: Package) -> dict[str, Any]:
    """Return what a connected device is told about a package."""
    await fleet.job(package)
    await fleet.tick()
    data: Any = fleet.take_pushes()[-1]["data"]
    return dict(data)


async def test_a_package_is_signed_with_the_key_of_its_product(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    signing = await on(fleet)
    assert signing.key is not None
    assert (signing.key.bits, signing.key.imported) == (2_048, False)
    package = await fleet.package()
    [file] = package.files
    assert file.signed_by == signing.key.fingerprint
    assert verifies(signing.key, file.digestsign)
    assert not verifies(signing.key, file.digestsign, IMAGE + b"x")
    assert (await pushed(fleet, package))["digestsign"] == file.digestsign


async def test_while_signing_is_off_nothing_is_signed_and_no_signature_sent(fleet: Fleet) -> None:
    [device] = await fleet.start()
    await fleet.connect(device)
    unsigned = await fleet.package("2.0")
    assert unsigned.files[0].digestsign == ""
    with pytest.raises(Conflict) as refused:
        await fleet.ota.packages.sign(SYSTEM, unsigned.id)
    assert refused.value.code == "signing.is_off"
    await on(fleet)
    signed = await fleet.ota.packages.sign(SYSTEM, unsigned.id)
    assert signed.files[0].digestsign
    off = await fleet.ota.signing.switch(SYSTEM, fleet.product.product_key, on=False)
    assert off.key is not None
    assert "digestsign" not in await pushed(fleet, signed)


async def test_a_new_key_signs_new_packages_and_old_ones_when_asked(fleet: Fleet) -> None:
    await fleet.start()
    first = (await on(fleet)).key
    package = await fleet.package("2.0")
    rotated = await fleet.ota.signing.make_key(SYSTEM, fleet.product.product_key)
    assert first is not None
    assert rotated.key is not None
    assert [key.fingerprint for key in rotated.retired] == [first.fingerprint]
    assert (await fleet.ota.packages.get(SYSTEM, package.id)).files == package.files
    assert (await fleet.package("3.0")).files[0].signed_by == rotated.key.fingerprint
    again = await fleet.ota.packages.sign(SYSTEM, package.id)
    assert again.files[0].signed_by == rotated.key.fingerprint
    assert verifies(rotated.key, again.files[0].digestsign)


async def test_an_imported_key_signs_and_another_kind_is_refused(fleet: Fleet) -> None:
    await fleet.start()
    key, product = rsa.generate_private_key(65_537, 2_048), fleet.product.product_key
    imported = await fleet.ota.signing.import_key(SYSTEM, product, pem(key))
    assert imported.key is not None
    assert (imported.enabled, imported.key.imported) == (False, True)
    assert (await on(fleet)).key == imported.key
    assert verifies(imported.key, (await fleet.package()).files[0].digestsign)
    for refused_key, code in (
        ("", "signing.key_invalid"),
        ("-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----", "signing.key_invalid"),
        (imported.key.public_key, "signing.key_invalid"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "signing.key_invalid"),
        (pem(key, BestAvailableEncryption(b"secret")), "signing.key_invalid"),
        (pem(rsa.generate_private_key(65_537, 1_024)), "signing.key_size_invalid"),  # noqa: S505 - the point
    ):
        with pytest.raises(Invalid) as refused:
            await fleet.ota.signing.import_key(SYSTEM, product, refused_key)
        assert (refused.value.code, refused.value.params["field"]) == (code, "private_key")
    assert (await fleet.ota.signing.get(SYSTEM, product)).key == imported.key


async def test_a_key_in_use_cannot_be_deleted_and_a_deleted_one_cannot_sign(fleet: Fleet) -> None:
    await fleet.start()
    product = fleet.product.product_key
    with pytest.raises(NotFound):
        await fleet.ota.signing.delete_key(SYSTEM, product)
    await on(fleet)
    with pytest.raises(Conflict):
        await fleet.ota.signing.delete_key(SYSTEM, product)
    await fleet.ota.signing.switch(SYSTEM, product, on=False)
    deleted = await fleet.ota.signing.delete_key(SYSTEM, product)
    assert (deleted.key, len(deleted.retired)) == (None, 1)
    assert (await on(fleet)).key not in {None, deleted.retired[0]}


async def test_the_private_key_is_nowhere_in_the_clear_and_every_change_is_in_the_trail(fleet: Fleet) -> None:
    await fleet.start()
    key, product = rsa.generate_private_key(65_537, 2_048), fleet.product.product_key
    await fleet.ota.signing.import_key(SYSTEM, product, pem(key))
    await on(fleet)
    await fleet.ota.signing.make_key(SYSTEM, product)
    await fleet.ota.signing.switch(SYSTEM, product, on=False)
    await fleet.ota.signing.delete_key(SYSTEM, product)

    def everything(tx: Tx) -> str:
        tables = [name for (name,) in tx.all("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return repr([tx.all(f"SELECT * FROM {table}") for table in tables])  # noqa: S608 - our own names

    assert "PRIVATE" not in await fleet.db.read(everything)
    assert pem(key).splitlines()[3] not in await fleet.db.read(everything)
    kept = await fleet.db.read(lambda tx: tx.all("SELECT private_key_sealed FROM ota_signing_key"))
    assert {sealed for (sealed,) in kept} == {""}
    trail = await fleet.db.read(lambda tx: tx.all("SELECT action FROM audit WHERE action LIKE 'signing%' ORDER BY id"))
    assert [action.removeprefix("signing.") for (action,) in trail] == [
        "import_key",
        "on",
        "make_key",
        "off",
        "delete_key",
    ]


async def test_only_an_administrator_of_the_product_handles_keys(fleet: Fleet) -> None:
    await fleet.start()
    operator, product = actor(Role.OPERATOR, fleet.product), fleet.product.product_key
    signing = fleet.ota.signing
    for attempt in (
        signing.switch(operator, product, on=True),
        signing.make_key(operator, product),
        signing.import_key(operator, product, ""),
        signing.delete_key(operator, product),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert (await signing.get(operator, product)).key is None
