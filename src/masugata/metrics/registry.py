"""Counters, gauges and histograms, cheap enough for the way of a request."""

from bisect import bisect_left
from collections.abc import Iterable
from threading import Lock
from typing import Literal, NamedTuple, TypeAlias

import msgspec

SERIES_LIMIT = 4096
"""Series of one process; labels come from bounded sets, this is the last line of defence."""


class Metric(NamedTuple):
    """A counter or a gauge. Over processes a `gauge` is added up, of a `maximum` the greatest is taken."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: Literal["counter", "gauge", "maximum"] = "counter"


class Histogram(NamedTuple):
    """How values are distributed; `bounds` are the buckets' upper ends, the last bucket has none."""

    name: str
    help: str
    bounds: tuple[float, ...]
    labels: tuple[str, ...] = ()


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """The value of one series; for a histogram its buckets, not added up, and then the sum of all values."""

    name: str
    labels: tuple[str, ...]
    values: tuple[float, ...]


Series: TypeAlias = tuple[str, tuple[str, ...]]


class Registry:
    """The numbers of one process; any method may be called from any thread."""

    def __init__(self) -> None:
        self._values: dict[Series, list[float]] = {}
        self._lock = Lock()

    def add(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Count something."""
        with self._lock:
            self._of(metric.name, labels, 1)[0] += by

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        """Note how much there is of something now."""
        with self._lock:
            self._of(metric.name, labels, 1)[0] = value

    def observe(self, histogram: Histogram, value: float, *labels: str) -> None:
        """Put a value into its bucket."""
        bucket = bisect_left(histogram.bounds, value)
        with self._lock:
            values = self._of(histogram.name, labels, len(histogram.bounds) + 2)
            values[bucket] += 1
            values[-1] += value

    def timer(
        self, count: Metric, count_labels: tuple[str, ...], histogram: Histogram, *labels: str
    ) -> "Timer":
        """A counter and a histogram that go together."""
        with self._lock:
            counter = self._of(count.name, count_labels, 1)
            buckets = self._of(histogram.name, labels, len(histogram.bounds) + 2)
        return Timer(self._lock, counter, histogram.bounds, buckets)

    def samples(self) -> list[Sample]:
        """All series as they are now."""
        with self._lock:
            return [Sample(name, labels, tuple(values)) for (name, labels), values in self._values.items()]

    def _of(self, name: str, labels: tuple[str, ...], size: int) -> list[float]:
        series = (name, labels)
        values = self._values.get(series)
        if values is None:
            values = [0.0] * size
            if len(self._values) < SERIES_LIMIT:
                self._values[series] = values
        return values


class Timer:
    """Counts and measures one thing, at a third of the cost of `add` and `observe`."""

    __slots__ = ("_bounds", "_buckets", "_counter", "_lock")

    def __init__(
        self, lock: Lock, counter: list[float], bounds: tuple[float, ...], buckets: list[float]
    ) -> None:
        self._lock = lock
        self._counter = counter
        self._bounds = bounds
        self._buckets = buckets

    def __call__(self, seconds: float) -> None:
        """Once more, and how long it took."""
        bucket = bisect_left(self._bounds, seconds)
        buckets = self._buckets
        with self._lock:
            self._counter[0] += 1
            buckets[bucket] += 1
            buckets[-1] += seconds


METRICS = Registry()
"""The numbers of this process."""


def added(samples: Iterable[Sample]) -> dict[Series, tuple[float, ...]]:
    """The sum of each series over several processes."""
    total: dict[Series, tuple[float, ...]] = {}
    for sample in samples:
        series = (sample.name, sample.labels)
        before = total.get(series)
        total[series] = (
            tuple(a + b for a, b in zip(before, sample.values, strict=True)) if before else sample.values
        )
    return total
