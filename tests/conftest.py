"""Settings shared by all tests: hypothesis profiles, and no test may depend on the wall clock for its outcome; the one district that tests read together."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from cabin.broker import Broker
    from tests.cabin.kit import District

settings.register_profile("ordinary", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], derandomize=True)
settings.register_profile("nightly", parent=settings.get_profile("ordinary"), derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("CABIN_TEST_PROFILE", "ordinary"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests go first, so that none of them runs on alone when everything else is through."""
    items.sort(key=lambda item: item.get_closest_marker("longest") is None)


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> "District":
    """One generated district of a thousand people, landed, run and published; shared, so no test writes into it."""
    from tests.cabin.kit import district_in

    return district_in(tmp_path_factory.mktemp("district"))


@pytest.fixture(scope="session")
def deliveries(district: "District", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small set of the district's deliveries, for tests that land and run for themselves."""
    from tests.cabin.kit import small_set

    return small_set(district.manifest, tmp_path_factory.mktemp("small") / "deliveries")


@pytest.fixture(scope="session")
def small_cabin(deliveries: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a cabin that landed and ran the small set; copied by tests that write."""
    from tests.cabin.kit import done

    data = tmp_path_factory.mktemp("small-cabin") / "data"
    done(data, "land", "auto", str(deliveries))
    done(data, "run")
    return data


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Broker"]:
    """A real broker, one for all tests that ask."""
    from tests.broker import running

    with running(tmp_path_factory.mktemp("broker")) as found:
        yield found
