"""Settings that all tests share."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

# A deadline would assert a duration; machines under load are slow and not wrong.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.register_profile(
    "nightly", max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests told, and how much the round trips of the wire have tried."""
    _print_what_was_told(terminalreporter)
    _print_round_trips(terminalreporter)


def _print_what_was_told(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests told with `record_property("told", text)`, whichever worker ran them."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for report in reports:
        for name, text in report.user_properties:
            if name == "told":
                terminalreporter.section(report.nodeid)
                terminalreporter.write_line(str(text))


def _print_round_trips(terminalreporter: pytest.TerminalReporter) -> None:
    """From which seed the round trips were, and what was excepted."""
    sums: dict[str, Counter[str]] = {"tried": Counter(), "exceptions": Counter()}
    seeds = set()
    for report in terminalreporter.getreports(""):  # of set-ups and teardowns
        for name, counts in report.user_properties:
            if name == "round trips":
                seeds.add(counts["seed"])
                for kind, counter in sums.items():
                    counter.update(counts[kind])
    if seeds:
        tried = ", ".join(f"{number} {what}" for what, number in sorted(sums["tried"].items()))
        terminalreporter.section("round trips")
        terminalreporter.write_line(f"ROUND_TRIP_SEED={', '.join(sorted(seeds))}: {tried}")
        for what, number in sums["exceptions"].most_common():
            terminalreporter.write_line(f"{number:8} excepted: {what}")


@pytest.fixture(scope="session")
def postgres_server():
    """A private PostgreSQL server; skips, and says so, where none is installed."""
    from postgres_server import running_server  # most tests need none

    yield from running_server()
