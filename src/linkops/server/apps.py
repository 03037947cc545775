"""The apps behind the HTTP listeners."""

from typing import NamedTuple

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from starlette.types import ASGIApp

from linkops.api import bootstrap, registration
from linkops.api.app import create_app, create_device_app
from linkops.api.bootstrap import Resources
from linkops.api.device_door import DeviceDoor
from linkops.api.downloads import any_of, package_files
from linkops.api.files import Files
from linkops.api.metrics import Metrics
from linkops.api.mqtt_socket import Carry, MqttSocket
from linkops.links import Opens
from linkops.server.services import AllServices, Foundation


class HttpApps(NamedTuple):
    """Who answers.

    Attributes:
        everybody: REST, documentation, health, metrics, and what devices reach.
        devices: what devices reach, and nothing else.
    """

    everybody: ASGIApp
    devices: ASGIApp


def build_apps(
    foundation: Foundation,
    services: AllServices,
    carry: Carry,
    registry: CollectorRegistry,
    console: ASGIApp | None,
    mqtt: Resources,
) -> HttpApps:
    """Return both apps.

    Args:
        foundation: has the settings and the files.
        services: what the apps call.
        carry: who takes MQTT over WebSocket.
        registry: what the apps count is added to it.
        console: what people see in a browser; None: there is none.
        mqtt: where devices are told to connect.
    """
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    settings, metrics = foundation.settings, Metrics(registry)
    packages = package_files(services.api.ota.packages.open_download, foundation.blobs)
    configurations = services.api.config_delivery.downloads.open_download
    files = Files(
        any_of({Opens.PACKAGE_FILE: packages, Opens.CONFIGURATION: configurations}), foundation.blobs, metrics
    )
    devices = DeviceDoor(
        files,
        MqttSocket(carry),
        {
            registration.PATH: registration.DeviceRegistration(services.api.registrations.register),
            bootstrap.PATH: bootstrap.Bootstrap(mqtt),
        },
    )
    everybody = create_app(
        services.api,
        devices,
        metrics,
        console,
        sender=files.sender,
        trusted_proxies=settings.trusted_proxies,
        max_file_bytes=settings.max_file_bytes,
    )
    return HttpApps(everybody, create_device_app(devices, settings.trusted_proxies))
