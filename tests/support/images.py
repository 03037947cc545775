"""Firmware images as they follow each other: mostly the same, a few places changed, something put in between."""

import random

BEFORE = random.Random(5).randbytes(200_000)
AFTER = BEFORE[:50_000] + b"new function" * 40 + BEFORE[50_000:120_000] + b"patched!" + BEFORE[120_008:]
