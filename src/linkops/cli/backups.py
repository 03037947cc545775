"""``linkops backup`` and ``linkops restore``, on the server's machine."""

from pathlib import Path
from typing import Annotated

import typer

from linkops.cli.configuration import TAKES_SETTINGS, ConfigFile, settings_from
from linkops.cli.failures import CommandFailed

DataDir = Annotated[Path | None, typer.Option(help="The server's data folder.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel="Server", context_settings=TAKES_SETTINGS)(backup)
    app.command(rich_help_panel="Server", context_settings=TAKES_SETTINGS)(restore)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The archive to write, as in linkops.tar.gz.")],
    without_key: Annotated[bool, typer.Option("--without-key", help="Leave the master key out.")] = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Write database, package files, certificates and the master key into one archive; the server may run meanwhile.

    Without the master key a backup is worth nothing unless you keep the key elsewhere: it opens the devices' secrets.

    Examples:
      linkops backup /backup/linkops.tar.gz --data-dir /var/lib/linkops/data
      linkops backup linkops.tar.gz --without-key
    """
    from linkops.upkeep.archive import KEY, BackupFailed, place_of, write_backup  # noqa: PLC0415

    settings = settings_from(config, context.args, data_dir=data_dir)
    try:
        names = write_backup(place_of(settings), file, with_key=not without_key)
    except BackupFailed as failed:
        raise CommandFailed(str(failed)) from None
    typer.echo(f"Wrote {file}: {len(names)} files.")
    if KEY not in names:
        typer.echo("The master key is NOT in it: keep it elsewhere, since no device can log in without it.")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An archive that linkops backup wrote.")],
    config: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Put a backup into a new data folder; nothing that exists is overwritten.

    Example:
      linkops restore /backup/linkops.tar.gz --data-dir /var/lib/linkops/data
    """
    from linkops.upkeep.archive import KEY, BackupFailed, place_of, read_backup  # noqa: PLC0415

    settings = settings_from(config, context.args, data_dir=data_dir)
    try:
        names = read_backup(file, place_of(settings))
    except BackupFailed as failed:
        raise CommandFailed(str(failed)) from None
    typer.echo(f"Restored {len(names)} files into {settings.data_dir}.")
    if KEY not in names and settings.master_key is None:
        typer.echo(
            f"The backup has no master key: put yours at {settings.data_dir / 'master.key'} before the first start."
        )
