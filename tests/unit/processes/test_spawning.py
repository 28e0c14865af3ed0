"""How processes of this program are started, and how their ends are told."""

from masugata.processes import describe, pause


def test_pauses_grow():
    """The first death costs no pause; then they double, up to the longest, for ever."""
    assert [pause(failures, 10.0) for failures in (0, 1, 2, 3, 4)] == [0, 0, 0.1, 0.2, 0.4]
    assert pause(50, 10.0) == pause(10_000, 10.0) == 10.0
    assert pause(50, 1.0) == 1.0


def test_exit_statuses_in_words():
    """An operator reads signals by name."""
    assert [describe(status) for status in (0, 3, -9, -64)] == [
        "status 0", "status 3", "signal SIGKILL", "signal SIGRTMAX",
    ]  # fmt: skip
    assert describe(-60) == "signal 60"
