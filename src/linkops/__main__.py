"""``python -m linkops`` is ``linkops``."""

from linkops.cli import main

if __name__ == "__main__":
    main()
