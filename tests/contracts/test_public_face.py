"""The face of the package stays as documented."""

from __future__ import annotations

import contracts


def test_the_public_names_are_exactly_these():
    """What other folders may import from `contracts` itself is a deliberate list, and every name on it exists."""
    assert contracts.__all__ == [
        "Attribute",
        "CabinError",
        "Column",
        "Contracts",
        "Feed",
        "InvalidContract",
        "Kind",
        "Label",
        "Mart",
        "Unavailable",
        "UsageError",
        "load",
    ]
    assert all(hasattr(contracts, name) for name in contracts.__all__)


def test_the_docstring_is_short_and_says_the_reading_order():
    """The docstring fits a glance and names the modules in reading order."""
    assert len(contracts.__doc__.splitlines()) <= 10
    places = [contracts.__doc__.index(name) for name in ("model (", "facts (", "ports (", "read (", "check (")]
    assert places == sorted(places)
