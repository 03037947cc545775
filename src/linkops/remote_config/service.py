"""Remote configuration as the server and its doors see it."""

from linkops.clock import Clock
from linkops.db import Database
from linkops.remote_config.documents.editing import Editing
from linkops.remote_config.documents.previews import Previews
from linkops.remote_config.documents.service import Documents
from linkops.remote_config.documents.switches import Switches


class RemoteConfig:
    """The services of remote configuration, put together."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.documents = Documents(db)
        self.editing = Editing(db, clock)
        self.switches = Switches(db, clock)
        self.previews = Previews(db, clock)
