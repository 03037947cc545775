"""The page of task states is drawn from the table."""

from pathlib import Path

from linkops.ota.diagram import page

PAGE = Path(__file__).parents[3] / "docs" / "ota-task-states.md"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == page(), "run: python -m linkops.ota.diagram > docs/ota-task-states.md"
