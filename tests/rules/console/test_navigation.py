"""Where somebody is, by the address."""

import pytest

from linkops.console.navigation import SECTIONS, is_at


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/", "Overview"),
        ("", "Overview"),
        ("/products", "Products"),
        ("/products/pumpsA1b2C3", "Products"),
        ("/products/pumpsA1b2C3/signing", "Products"),
        ("/products/pumpsA1b2C3/devices/pump-1", "Devices"),
        ("/devices/new", "Devices"),
        ("/jobs/4", "Rollouts"),
        ("/configuration/pushes/1", "Remote configuration"),
    ],
)
def test_a_page_belongs_to_one_place(path: str, label: str) -> None:
    assert [place.label for section in SECTIONS for place in section.places if is_at(place, path)] == [label]


def test_an_unknown_page_belongs_nowhere() -> None:
    assert not any(is_at(place, "/productsx") for section in SECTIONS for place in section.places)
