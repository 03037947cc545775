"""How routes get the services that they call."""

from typing import Annotated

from fastapi import Depends, Request

from linkops.services import Services


def services_of(request: Request) -> Services:
    """Return the services of the app that answers this request."""
    services: Services = request.app.state.services
    return services


Called = Annotated[Services, Depends(services_of)]
"""The services, as a parameter of a route."""
