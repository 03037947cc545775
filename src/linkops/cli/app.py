"""All commands under one name."""

import sys
from typing import Annotated

import typer

from linkops.cli import (
    authority,
    backups,
    certificate,
    config,
    demo,
    device,
    event,
    file,
    gateway,
    group,
    job,
    login,
    package,
    product,
    serve,
    signing,
    simulate,
    stats,
    token,
    user,
    webhook,
)
from linkops.cli.failures import CommandFailed, ExitCode

app = typer.Typer(
    name="linkops",
    help="Self-hosted operations for MQTT device fleets: updates, watched from anywhere.",
    epilog="Start: linkops serve, then linkops login. A tour with simulated devices: linkops demo.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for registered in (serve, demo, simulate, backups, login):
    registered.register(app)
for subject in (
    product,
    device,
    gateway,
    certificate,
    authority,
    group,
    package,
    signing,
    job,
    config,
    stats,
    file,
    event,
    webhook,
    user,
    token,
):
    app.add_typer(subject.app)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"linkops {version('linkops')}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Self-hosted operations for MQTT device fleets: updates, watched from anywhere."""


def run() -> None:
    """Run the command, and turn its failure into a sentence and an exit code."""
    try:
        app()
    except CommandFailed as failed:
        sys.stderr.write(f"{failed.message}\n")
        sys.exit(failed.code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # `linkops … | head`
        sys.stderr.close()
        sys.exit(ExitCode.FAILED)
