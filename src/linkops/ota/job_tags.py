"""Tags of a job, which its devices are handed with the update."""

import re
from collections.abc import Mapping

from linkops.errors import Invalid

MAX_TAGS = 10
MAX_TAG_CHARS = 4_096
_KEY = re.compile(r"[A-Za-z0-9.]{1,30}")
_MAX_VALUE_CHARS = 1_024


def check_job_tags(tags: Mapping[str, str]) -> None:
    """Do nothing if a job may have these tags.

    Raises:
        Invalid: when it may not.
    """
    if len(tags) > MAX_TAGS or sum(len(key) + len(value) for key, value in tags.items()) > MAX_TAG_CHARS:
        raise Invalid("job.tags_too_many", field="tags", most=MAX_TAGS, max_chars=MAX_TAG_CHARS)
    for key, value in tags.items():
        if _KEY.fullmatch(key) is None or not 0 < len(value) <= _MAX_VALUE_CHARS or not value.isprintable():
            raise Invalid("job.tag_invalid", field=f"tags.{key[:30]}", max_chars=_MAX_VALUE_CHARS)
