"""The command line. Commands import what is heavy when they run, so that ``linkops --help`` answers at once."""


def main() -> None:
    """Run the command that the arguments name, and exit with its code (docs/cli.md#exit-codes)."""
    from linkops.cli.app import run  # noqa: PLC0415 - `linkops.cli` is also imported for what lies below it

    run()
