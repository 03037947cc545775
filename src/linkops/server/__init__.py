"""The composition root: builds database, services and doors; the only place that knows everything."""

from linkops.server.addresses import Addresses
from linkops.server.folder import FolderInUse
from linkops.server.run import run
from linkops.server.server import Server, WrongSettings

__all__ = ["Addresses", "FolderInUse", "Server", "WrongSettings", "run"]
