"""What is done on the server's machine, without the server."""

import asyncio
from pathlib import Path

from linkops.accounts.passwords import Passwords
from linkops.accounts.service import Accounts
from linkops.accounts.tokens.identities import Identities
from linkops.cli.configuration import settings_from
from linkops.cli.failures import CommandFailed
from linkops.clock import SystemClock
from linkops.db import Database, open_database
from linkops.errors import NotFound
from linkops.events.actor import SYSTEM
from linkops.server.folder import DATABASE_NAME
from linkops.settings import Settings


def database_url(settings: Settings) -> str:
    """Return where the database of these settings is.

    Raises:
        CommandFailed: when there is none yet.
    """
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    path = settings.data_dir / DATABASE_NAME
    if not path.exists():
        raise CommandFailed(f"There is no database in {settings.data_dir}. Name the folder: --data-dir")
    return str(path)


def reset_password_locally(name: str, config: Path | None, data_dir: Path | None) -> str:
    """Give an account a generated password and return it; a running server learns of it at once.

    Raises:
        CommandFailed: when there is no such database or account.
    """
    db = open_database(database_url(settings_from(config, [], data_dir=data_dir)))
    try:
        return asyncio.run(_reset(db, name))
    except NotFound:
        raise CommandFailed(f"There is no account called {name}.") from None
    finally:
        db.close()


async def _reset(db: Database, name: str) -> str:
    passwords = Passwords()
    try:
        return await Accounts(db, SystemClock(), passwords, Identities()).reset_password(SYSTEM, name)
    finally:
        passwords.close()
