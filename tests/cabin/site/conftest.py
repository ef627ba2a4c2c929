"""The one site that tests of this folder read together."""

from __future__ import annotations

import pytest

from tests.cabin.site.site_kit import Site, site_in


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Shared, so no test changes it."""
    return site_in(tmp_path_factory.mktemp("site"))
