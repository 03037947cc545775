"""Programs from Debian that tests need: found, or the test that asked for one is skipped (in CI that is a failure)."""

import glob
import os
import shutil

import pytest

# Debian keeps server programs where not everyone's path looks.
_MORE_FOLDERS = ["/usr/sbin", "/sbin", *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]


def program(name: str, *, package: str) -> str:
    """Return the path of the program, which is in Debian's ``package``; without it the test is skipped."""
    found = shutil.which(name, path=os.pathsep.join([*_MORE_FOLDERS, os.environ.get("PATH", os.defpath)]))
    if found is None:
        pytest.skip(f"{name} is not on this machine (apt-get install {package})")
    return found
