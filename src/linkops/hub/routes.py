"""Which message goes to which service: every route of the hub, one mapping a subject.

A route reads a payload and returns the `Call` that it asks for, or None when there is nothing to do. The connection
runs the call, acknowledges the message after the commit, and sends what `Call.reply` makes of the result.
"""

from collections.abc import Mapping

from linkops.alink.topics import Channel
from linkops.hub.calls import AddressedRoute, GatewayRoute, Route
from linkops.hub.config_routes import config_routes
from linkops.hub.custom_routes import custom_routes
from linkops.hub.file_routes import file_routes
from linkops.hub.firmware_routes import firmware_routes
from linkops.hub.log_routes import log_routes
from linkops.hub.questions import Questions
from linkops.hub.registration_routes import registration_routes
from linkops.hub.service_routes import service_routes
from linkops.hub.services import HubServices
from linkops.hub.session_routes import refusing_session_routes, session_routes
from linkops.hub.topology_routes import topology_routes


def routes(services: HubServices) -> Mapping[Channel, Route]:
    """Return what is done with each channel; messages of other channels are accepted, and seen in the log only."""
    return {
        **firmware_routes(services.uplinks, services.blocks),
        **config_routes(services.config),
        **file_routes(services.files),
        **log_routes(services.logs),
        **topology_routes(services.gateways),
        **registration_routes(services.registrations, services.gateways),
        **service_routes(services.tags),
        **refusing_session_routes(),
    }


def addressed_routes(services: HubServices, questions: Questions) -> Mapping[Channel, AddressedRoute]:
    """Return what is done with each channel whose topics vary; the others are looked for in `routes`."""
    return {
        **custom_routes(services.incoming, questions),
    }


def gateway_routes(services: HubServices) -> Mapping[Channel, GatewayRoute]:
    """Return what is done with messages about the sub-devices that are logged in over a gateway's connection."""
    return session_routes(services.presence)
