"""Settings that all tests share."""

import os

from hypothesis import HealthCheck, settings

# A deadline would assert a duration; machines under load are slow and not wrong.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.register_profile(
    "nightly", max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_terminal_summary(terminalreporter):
    """Show what tests noted of themselves with `record_property("note", …)`: sample sizes and seeds."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "note":
                terminalreporter.write_line(f"{report.nodeid}: {value}")
