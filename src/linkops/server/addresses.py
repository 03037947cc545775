"""Where a running server is reached."""

from dataclasses import asdict, dataclass
from pathlib import Path

from linkops.hub import HubAddresses


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses as people and programs use them.

    Attributes:
        mqtt: host:port, TCP and TLS.
        mqtt_tls: host:port, TLS only.
        http: URL of REST, downloads and metrics.
        device_https: URL of what devices alone reach over HTTPS.
        ca_certificate: what devices trust; '' with certificates of the operator's own.
    """

    mqtt: str
    mqtt_tls: str
    http: str
    device_https: str
    ca_certificate: str
    data_dir: str

    def as_dict(self) -> dict[str, str]:
        """Return them for a JSON file."""
        return asdict(self)


def addresses(
    hub: HubAddresses,
    http: tuple[str, int],
    device_https: tuple[str, int],
    authority: Path | None,
    data_dir: Path,
) -> Addresses:
    """Return the addresses of a server whose doors are open."""
    return Addresses(
        mqtt=host_port(hub.mqtt),
        mqtt_tls=host_port(hub.mqtt_tls),
        http=f"http://{host_port(http)}",
        device_https=f"https://{host_port(device_https)}",
        ca_certificate="" if authority is None else str(authority.resolve()),
        data_dir=str(data_dir.resolve()),
    )


def host_port(address: tuple[str, int]) -> str:
    """Return ``host:port``, with brackets around an IPv6 address."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
