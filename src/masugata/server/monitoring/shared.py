"""The numbers of all processes that serve one data directory, so that any of them can show the sum.

Each process leaves its numbers in a file of its own in `DIR/run`, replaced as a whole a fifth of a second
after they changed. What ended processes left is added up in one file, `ended`, so that no counter goes back.
No shared memory: a page of a file that the disk has no room for ends the process that touches it, and a
full disk must not.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from threading import Lock

import msgspec

from masugata.metrics import METRICS, Histogram, Metric, Sample
from masugata.metrics.registry import added
from masugata.metrics.table import TABLE
from masugata.server.monitoring.process import process_samples, start_ticks

FLUSH_SECONDS = 0.2
_GAUGES = {
    metric.name: metric.kind for metric in TABLE if isinstance(metric, Metric) and metric.kind != "counter"
}
_SHAPES = {
    metric.name: (len(metric.labels), len(metric.bounds) + 2 if isinstance(metric, Histogram) else 1)
    for metric in TABLE
}
_ENDED = "ended"

_log = logging.getLogger(__name__)


class _Left(msgspec.Struct, frozen=True):
    """What a process has left; `ended` has those of many, and the names of the files added last."""

    pid: int
    start: int | None
    samples: list[Sample]
    files: tuple[str, ...] = ()


_NONE = _Left(0, None, [])


class SharedMetrics:
    """This process's part in the numbers of a data directory; without a `folder` it is the only one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._pid = os.getpid()
        self._file = f"{self._pid}-{os.urandom(4).hex()}"
        self._flushing = False
        self._writing = Lock()

    def flush_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have the numbers written a little later, in another thread; many calls until then are one."""
        if self._folder is not None and not self._flushing:
            self._flushing = True
            # A disk that is busy with commits lets even the smallest file wait.
            loop.call_later(FLUSH_SECONDS, self._flush_elsewhere, loop)

    def _flush_elsewhere(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop's threads have ended: `close` leaves the last numbers
            loop.run_in_executor(None, self._flush_until_settled, loop)

    def _flush_until_settled(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write the numbers, and again while they show what passes: jobs that wait, commits that fail.

        Nobody may ask this process for anything any more, and its file would show that for ever.
        """
        samples = self.flush()
        if any(sample.name in _GAUGES and sample.values[0] for sample in samples):
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self.flush_soon, loop)

    def flush(self) -> list[Sample]:
        """Write the numbers of now; gives them."""
        self._flushing = False
        with self._writing:
            samples = METRICS.samples()
            if self._folder is not None:
                self._leave(self._folder, samples)
        return samples

    def _leave(self, folder: Path, samples: list[Sample]) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(folder / self._file, _Left(self._pid, start_ticks(self._pid), samples))
        except OSError as error:  # the sum lacks what is new; nothing else depends on it
            _log.debug("the metrics cannot be written: %s", error)

    def close(self) -> None:
        """Leave the last numbers, and gather what ended processes left: nobody may ever ask for the sum."""
        self.flush()
        if self._folder is not None:
            self._others(self._folder)

    def samples(self) -> list[Sample]:
        """The sum over all processes, and what is known of those that live."""
        ended, others = (_NONE, []) if self._folder is None else self._others(self._folder)
        living = [METRICS.samples(), *(left.samples for left in others)]
        return [
            *_counters(chain(*living, ended.samples)),
            *_gauges(chain(*living)),
            *chain(*(process_samples(pid) for pid in (self._pid, *(left.pid for left in others)))),
        ]

    def _others(self, folder: Path) -> tuple[_Left, list[_Left]]:
        """What the processes that ended have left, now gathered in one file, and what the others have."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(folder):
                return self._gather(folder)
        except OSError as error:
            _log.debug("the metrics of other processes cannot be read: %s", error)
            return _NONE, []

    def _gather(self, folder: Path) -> tuple[_Left, list[_Left]]:
        ended = _read(folder / _ENDED) or _NONE
        for name in ended.files:  # again, for a crash may have come after they were added
            (folder / name).unlink(missing_ok=True)
        names = [
            file.name for file in folder.iterdir() if file.name[:1].isdigit() and file.name != self._file
        ]
        found = {name: left for name in names if (left := _read(folder / name)) is not None}
        gone = {name: left for name, left in found.items() if start_ticks(left.pid) != left.start}
        if gone:
            samples = chain(ended.samples, *(left.samples for left in gone.values()))
            ended = _Left(0, None, list(_counters(samples)), tuple(gone))
            _write(folder / _ENDED, ended)
            for name in gone:
                (folder / name).unlink(missing_ok=True)
        return ended, [left for name, left in found.items() if name not in gone]


def _counters(samples: Iterable[Sample]) -> Iterator[Sample]:
    """The sum of each series that only grows."""
    counters = (sample for sample in samples if sample.name not in _GAUGES)
    return (Sample(*series, values) for series, values in added(counters).items())


def _gauges(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Gauges of living processes: added up, or the greatest."""
    values: dict[tuple[str, tuple[str, ...]], list[float]] = {}
    for sample in samples:
        if sample.name in _GAUGES:
            values.setdefault((sample.name, sample.labels), []).append(sample.values[0])
    for (name, labels), found in values.items():
        yield Sample(name, labels, (max(found) if _GAUGES[name] == "maximum" else sum(found),))


def _read(file: Path) -> _Left | None:
    """What a file holds of what this version of the program knows."""
    try:
        left = msgspec.json.decode(file.read_bytes(), type=_Left)
    except (OSError, msgspec.DecodeError):
        return None
    known = [s for s in left.samples if _SHAPES.get(s.name) == (len(s.labels), len(s.values))]
    return msgspec.structs.replace(left, samples=known)


def _write(file: Path, left: _Left) -> None:
    """Replace a file as a whole; not durably, for it is of no use after a power cut."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
    )
    try:
        with os.fdopen(descriptor, "wb") as open_file:
            open_file.write(msgspec.json.encode(left))
        temporary.replace(file)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
