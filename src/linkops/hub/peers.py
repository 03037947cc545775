"""Who is at the other end of a connection, as far as TLS knows."""

import asyncio
import ssl

CERTIFICATE = "client_certificate"
"""By this name a transport whose TLS ends elsewhere tells the certificate of its client (DER)."""


def certificate_of(transport: asyncio.BaseTransport | None) -> bytes | None:
    """Return the certificate (DER) with which the client proved itself in the handshake; None if it has shown none."""
    if transport is None:
        return None
    tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    shown: bytes | None = transport.get_extra_info(CERTIFICATE) if tls is None else tls.getpeercert(binary_form=True)
    return shown


def is_secure(transport: asyncio.BaseTransport | None) -> bool:
    """Return whether what is sent is encrypted all the way; what stands before a WebSocket we do not know."""
    return transport is not None and transport.get_extra_info("sslcontext") is not None
