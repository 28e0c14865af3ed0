"""Settings that all tests share."""

import os

import pytest
from hypothesis import HealthCheck, settings

# A deadline would assert a duration; machines under load are slow and not wrong.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.register_profile(
    "nightly", max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(scope="session")
def postgres_server():
    """A private PostgreSQL server; skips, and says so, where none is installed."""
    from postgres_server import running_server  # most tests need none

    yield from running_server()
