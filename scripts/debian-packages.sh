#!/bin/sh
# Installs the Debian packages whose commands are missing where it may, and names them where it may not.
# Never fails: a test that needs a missing program says so itself (a skip, and in CI a failure).
# usage: debian-packages.sh COMMAND:PACKAGE...

# Where Debian keeps server programs that are not on everyone's path.
PATH=$PATH:/usr/sbin:/sbin
for folder in /usr/lib/postgresql/*/bin; do PATH=$PATH:$folder; done

missing=
for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Debian's packages:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # one argument per package is meant
    { apt-get update -qq && apt-get install -qq --no-install-recommends $missing; } >/dev/null </dev/null && exit 0
    echo "That failed; the tests that need them say so." >&2
else
    echo "Missing, so that some tests are skipped (apt-get install$missing)" >&2
fi
exit 0
