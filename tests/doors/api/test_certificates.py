"""Certificates over REST: issuing, files with many, authorities and lists of what was revoked."""

import csv
import io
import zipfile

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from linkops.clock import SystemClock
from tests.support.api import Door
from tests.support.certificates import ec_key, make_authority, make_device, make_request, with_authority

PUMPS = "/api/v1/products/pumps"
DEVICE = f"{PUMPS}/devices/pump-0001/certificates"


@pytest.fixture
async def pumps(door: Door, admin: httpx.AsyncClient) -> None:
    await with_authority(door.services.x509, SystemClock().now())
    new = {"name": "Pumps", "product_key": "pumps", "auth_type": "x509"}
    assert (await admin.post("/api/v1/products", json=new)).status_code == 201
    for name in ("pump-0001", "@sum(1:2", "....", "pump-0002"):
        await admin.post(f"{PUMPS}/devices", json={"device_name": name.replace("(", "-")})


async def test_issue_list_and_revoke(admin: httpx.AsyncClient, pumps: None) -> None:
    answer = await admin.post(DEVICE, json={"key": "rsa", "valid_days": 10})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    issued = answer.json()
    certificate = x509.load_pem_x509_certificate(issued["certificate"].encode())
    assert isinstance(certificate.public_key(), rsa.RSAPublicKey)
    assert issued["private_key"].startswith("-----BEGIN PRIVATE KEY-----")
    listed = (await admin.get("/api/v1/certificates", params={"expires_within_days": 11})).json()
    [shown] = listed["items"]
    assert (shown["device_name"], shown["serial"], shown["state"]) == ("pump-0001", issued["serial"], "valid")
    asked = {"ids": [issued["id"]], "reason": "key_compromise"}
    assert (await admin.post("/api/v1/certificates/revoke", json=asked)).json() == {"revoked": 1}
    shown = (await admin.get(f"/api/v1/certificates/{issued['id']}")).json()
    assert (shown["state"], shown["revoked_by"], shown["revoke_reason"]) == ("revoked", "admin", "key_compromise")
    crl = x509.load_pem_x509_crl((await admin.get("/api/v1/certificate-authorities/1/crl.pem")).content)
    assert [entry.serial_number for entry in crl] == [certificate.serial_number]


async def test_a_request_that_is_sent_twice_is_signed_once(admin: httpx.AsyncClient, pumps: None) -> None:
    body = {"request": make_request("pump-0001", ec_key())}
    first, again = [await admin.post(f"{DEVICE}/sign", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.json()["private_key"] is None
    assert (await admin.post(f"{DEVICE}/revoke", json={})).json() == {"revoked": 1}


async def test_a_zip_for_all_devices_has_no_name_of_a_device_as_a_path(admin: httpx.AsyncClient, pumps: None) -> None:
    answer = await admin.post(f"{PUMPS}/certificates/issue", json={})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.testzip() is None
        names = set(file.namelist())
        assert all(name[0].isalnum() and "/" not in name for name in names)
        rows = list(csv.DictReader(io.StringIO(file.read("index.csv").decode())))
        for row in rows:
            certificate = x509.load_pem_x509_certificate(file.read(row["certificate_file"]))
            common_name = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
            assert common_name == row["device_name"]
            assert file.read(row["private_key_file"]).startswith(b"-----BEGIN PRIVATE KEY")
        x509.load_pem_x509_certificate(file.read("ca.pem"))
    assert {row["device_name"] for row in rows} >= {"pump-0001", "....", "pump-0002"}


async def test_a_csv_for_some(admin: httpx.AsyncClient, pumps: None) -> None:
    wanted = {"device_names": ["pump-0002", "pump-0001"], "form": "csv"}
    answer = await admin.post(f"{PUMPS}/certificates/issue", json=wanted)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["device_name"] for row in rows} == {"pump-0002", "pump-0001"}
    for row in rows:
        assert x509.load_pem_x509_certificate(row["certificate"].encode()).serial_number == int(row["serial"], 16)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"device_names": ["pump-0001", "stranger"]}, 404, "device.not_found"),
        ({"device_names": []}, 422, "certificate.count_invalid"),
        ({"most": 10_001}, 422, "request.invalid"),
        ({"device_names": ["pump-0001"], "valid_days": 0}, 422, "request.invalid"),
    ],
)
async def test_a_file_that_is_refused_is_no_file(
    admin: httpx.AsyncClient, pumps: None, asked: dict[str, object], status: int, code: str
) -> None:
    answer = await admin.post(f"{PUMPS}/certificates/issue", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await admin.get("/api/v1/certificates")).json()["total"] == 0


async def test_an_authority_is_uploaded_with_its_proof(admin: httpx.AsyncClient, pumps: None) -> None:
    now, path = SystemClock().now(), f"{PUMPS}/certificate-authorities"
    root, namesake = make_authority("Pump maker", now), make_authority("Pump maker", now)
    code = (await admin.get(f"{path}/registration-code")).json()["registration_code"]
    wrong = {"certificate": root.pem, "verification_certificate": make_device(code, namesake, now).pem}
    answer = await admin.post(path, json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "authority.proof_other_key")
    assert answer.json()["field"] == "verification_certificate"
    right = {"certificate": root.pem, "verification_certificate": make_device(code, root, now).pem}
    uploaded = (await admin.post(path, json={**right, "auto_create": True})).json()
    assert (uploaded["product_key"], uploaded["own"], uploaded["auto_create"]) == ("pumps", False, True)
    one = f"/api/v1/certificate-authorities/{uploaded['id']}"
    changed = (await admin.patch(one, json={"auto_create": False, "enabled": False})).json()
    assert (changed["enabled"], changed["auto_create"]) == (False, False)
    assert (await admin.get("/api/v1/certificate-authorities")).json()["items"][-1] == changed
    assert (await admin.get(f"{one}/crl.pem")).status_code == 409
    assert (await admin.delete(one)).status_code == 204
    assert (await admin.get(one)).status_code == 404
