"""Tags that devices are handed with an update."""

import pytest

from linkops.errors import Invalid
from linkops.ota.job_tags import check_job_tags


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"a": "1"},
        {"Key.1": "红 色"},
        {"k" * 30: "v" * 1_024},
        {str(number): "x" for number in range(10)},
        {"a": "v" * 1_023, "b": "v" * 1_023, "c": "v" * 1_023, "d": "v" * 1_023},
    ],
)
def test_tags(tags: dict[str, str]) -> None:
    check_job_tags(tags)


@pytest.mark.parametrize(
    ("tags", "field"),
    [
        ({"": "x"}, "tags."),
        ({"k" * 31: "x"}, f"tags.{'k' * 30}"),
        ({"a-b": "x"}, "tags.a-b"),
        ({"é": "x"}, "tags.é"),
        ({"a\n": "x"}, "tags.a\n"),
        ({"a": ""}, "tags.a"),
        ({"a": "x" * 1_025}, "tags.a"),
        ({"a": "x\0"}, "tags.a"),
        ({"a": "\u202e"}, "tags.a"),
    ],
)
def test_no_tags(tags: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_job_tags(tags)
    assert (refused.value.code, refused.value.params["field"]) == ("job.tag_invalid", field)


@pytest.mark.parametrize(
    "tags",
    [
        {str(number): "x" for number in range(11)},
        {"a": "v" * 1_024, "b": "v" * 1_024, "c": "v" * 1_024, "d": "v" * 1_021},
    ],
)
def test_too_many(tags: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        check_job_tags(tags)
    assert (refused.value.code, refused.value.params["field"]) == ("job.tags_too_many", "tags")
