"""Counting and measuring in one process."""

from concurrent.futures import ThreadPoolExecutor

from masugata.metrics import Histogram, Metric, Registry, Sample
from masugata.metrics.registry import SERIES_LIMIT

CALLS = Metric("calls", "", ("who",))
SIZE = Metric("size", "", kind="gauge")
SECONDS = Histogram("seconds", "", (0.1, 1.0))


def test_samples():
    """Counters grow, gauges are replaced, values fall into the bucket whose end they do not pass."""
    registry = Registry()
    registry.add(CALLS, "a")
    registry.add(CALLS, "a", by=2)
    registry.add(CALLS, "b")
    registry.set(SIZE, 7)
    registry.set(SIZE, 5)
    for value in (0.1, 0.5, 1.0, 3.0):
        registry.observe(SECONDS, value)
    assert registry.samples() == [
        Sample("calls", ("a",), (3,)),
        Sample("calls", ("b",), (1,)),
        Sample("size", (), (5,)),
        Sample("seconds", (), (1, 2, 1, 4.6)),
    ]


def test_timer():
    """The quick way counts the same as the long one, into the same series."""
    registry = Registry()
    timer = registry.timer(CALLS, ("a",), SECONDS)
    timer(0.5)
    registry.add(CALLS, "a")
    registry.observe(SECONDS, 2)
    registry.timer(CALLS, ("a",), SECONDS)(0.5)
    assert registry.samples() == [Sample("calls", ("a",), (3,)), Sample("seconds", (), (0, 2, 1, 3.0))]


def test_threads():
    """Nothing is lost between threads."""
    registry = Registry()
    timer = registry.timer(CALLS, ("a",), SECONDS)

    def work(_):
        for _ in range(2000):
            timer(0)
            registry.add(CALLS, "b")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert {sample.labels: sample.values for sample in registry.samples() if sample.name == "calls"} == {
        ("a",): (16_000,),
        ("b",): (16_000,),
    }


def test_bounded():
    """Whatever becomes a label, the registry does not grow for ever."""
    registry = Registry()
    for number in range(SERIES_LIMIT + 100):
        registry.add(CALLS, str(number))
    registry.timer(CALLS, ("more",), SECONDS)(1)
    assert len(registry.samples()) == SERIES_LIMIT
