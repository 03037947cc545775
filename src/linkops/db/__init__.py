"""The database: the only place that knows which engine runs."""

from linkops.db.batcher import Batcher
from linkops.db.database import Database, Figures, open_database
from linkops.db.tx import Duplicate, Referenced, Row, Tx

__all__ = ["Batcher", "Database", "Duplicate", "Figures", "Referenced", "Row", "Tx", "open_database"]
