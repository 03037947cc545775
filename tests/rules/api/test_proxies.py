"""Whose word about an address is believed."""

import pytest

from linkops.api.proxies import Proxies

TRUSTED = ("10.0.0.0/8", "::1")


async def seen(client: str, *headers: tuple[str, str]) -> tuple[str, str, bool]:
    """Return the client, the scheme and whether the request counts as forwarded, as the app behind sees it."""
    scopes = []

    async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # three times what starlette says
        scopes.append(scope)

    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "scheme": "http", "client": (client, 5), "headers": raw}
    await Proxies(app, TRUSTED)(scope, None, None)  # type: ignore[arg-type]  # never called here
    return scopes[0]["client"][0], scopes[0]["scheme"], scopes[0]["forwarded"]


@pytest.mark.parametrize(
    ("client", "said", "address"),
    [
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.2.2.2", "203.0.113.9"),
        ("10.0.0.1", "10.3.3.3, 10.2.2.2", "10.3.3.3"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        ("::1", "203.0.113.9", "203.0.113.9"),
    ],
)
async def test_only_trusted_proxies_name_the_client(client: str, said: str, address: str) -> None:
    assert (await seen(client, ("x-forwarded-for", said)))[0] == address


async def test_only_trusted_proxies_name_the_scheme() -> None:
    said = ("x-forwarded-proto", "https")
    assert (await seen("10.0.0.1", said))[1] == "https"
    assert (await seen("192.0.2.1", said))[1] == "http"
    assert (await seen("10.0.0.1", ("x-forwarded-proto", "javascript")))[1] == "http"


async def test_that_anybody_forwarded_is_known() -> None:
    assert (await seen("192.0.2.1", ("x-forwarded-for", "::1")))[2]
    assert not (await seen("192.0.2.1"))[2]
