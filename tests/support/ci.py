"""Whether this run decides about a change."""

import os

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
