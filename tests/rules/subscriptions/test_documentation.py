"""What docs/subscriptions.md tells applications to do is right."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from linkops.events.kinds import KINDS
from linkops.subscriptions.signatures import new_secret, signature_header

PAGE = (Path(__file__).parents[3] / "docs" / "subscriptions.md").read_text()
BODY = b'[{"id":1}]'


def documented() -> Callable[[str, bytes, str], bool]:
    """Return the function that applications copy."""
    [example] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 - our own page
    verify: Callable[[str, bytes, str], bool] = names["is_from_linkops"]
    return verify


def test_the_example_verifies_what_we_sign_and_nothing_else() -> None:
    verify, old, new = documented(), new_secret(), new_secret()
    now = time.time_ns() // 1_000_000
    header = signature_header([new, old], BODY, now)
    assert verify(header, BODY, new)
    assert verify(header, BODY, old)
    assert not verify(header, BODY + b" ", new)
    assert not verify(header, BODY, new_secret())
    assert not verify(signature_header([new], BODY, now - 600_000), BODY, new)
    assert not verify(header.replace("v1=", "v0="), BODY, new)


def test_every_kind_is_described() -> None:
    assert [kind for kind in KINDS if f"`{kind}`" not in PAGE] == []
