#!/bin/sh
# Says what is missing to make the Python environment, with the name of Debian's package.
# usage: prerequisites.sh PYTHON
python=$1

if ! command -v "$python" >/dev/null; then
    echo "LinkOps needs Python 3.11 or newer, and '$python' is not here." >&2
    echo "On Debian 12 or newer:  apt-get install python3 python3-venv" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "LinkOps needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1)." >&2
    echo "On Debian 12 or newer:  apt-get install python3 python3-venv" >&2
    echo "With another interpreter:  make PYTHON=/path/to/python3.11 ..." >&2
    exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "LinkOps makes an environment of its own, and '$python' cannot: its venv module is missing." >&2
    echo "On Debian:  apt-get install python3-venv" >&2
    exit 1
fi
