"""Settings shared by all tests: hypothesis profiles, and no test may depend on the wall clock for its outcome."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("ordinary", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], derandomize=True)
settings.register_profile("nightly", parent=settings.get_profile("ordinary"), derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("CABIN_TEST_PROFILE", "ordinary"))
