"""Takes note of decisions, on the way of a request only by appending to a list."""

import logging
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from masugata.edge.inspection import Inspector
from masugata.edge.observing.limited import Limited, limited_addresses
from masugata.edge.observing.log import Log
from masugata.edge.observing.samples import Sampler
from masugata.edge.observing.seen import Seen
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest

MOST_WAITING: Final = 20_000
"""Requests that wait to be told of; more are let go, and counted."""
NOTES: Final = ".notes"

_log = logging.getLogger("masugata.edge")


class Observation:
    """An inspector, observed: an `Inspector` itself."""

    def __init__(self, inspector: Inspector, observer: "Observer") -> None:
        self._inspect = inspector.inspect
        self._observer = observer
        self._waiting: list[Seen] = []
        self.lost = 0

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """Decide, and remember what was decided."""
        decision = self._inspect(request, now)
        if len(self._waiting) < MOST_WAITING:
            size = len(request.body)
            bare = msgspec.structs.replace(request, body=b"") if size else request
            self._waiting.append(Seen(now, bare, decision, size))
        else:
            self.lost += 1
        return decision

    def take(self) -> Callable[[], None]:
        """What tells of all that waits, in any thread but one at a time."""
        waiting, self._waiting = self._waiting, []
        return partial(self._observer.tell, waiting, self.lost)


class Observer:
    """What one worker tells of one site; everything but its making is for a thread beside the loop."""

    def __init__(self, folder: Path, sampler: Sampler, log: Log | None, limited: Limited | None) -> None:
        """Notes go to a file in the folder, called after the sampler's worker."""
        self._path = folder / f"{sampler.worker}{NOTES}"
        self._sampler = sampler
        self._log = log
        self._limited = limited
        self._lost = 0

    def tell(self, seen: list[Seen], lost: int) -> None:
        """Samples and addresses into the file of notes, records into the log; what fails is said and lost."""
        if lost > self._lost:
            _log.warning(
                "%d requests are missing in samples and logs: there were too many", lost - self._lost
            )
            self._lost = lost
        for one in seen:
            self._sampler.add(one)
        notes, now = self._sampler.notes(), datetime.now(UTC)
        if self._limited is not None:
            notes |= limited_addresses(self._sampler.ruleset, self._limited, self._sampler.worker, now)
        try:
            if notes:
                write_notes(self._path, notes)
            if self._log is not None and seen:
                self._log.write(seen)
        except OSError as error:
            _log.error("samples or logs of %d requests are lost: %s", len(seen), error)


def write_notes(path: Path, notes: dict[str, bytes]) -> None:
    """Add notes to those that the planner has not read yet; raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.msgpack.encode(read_notes(path) | notes))
    os.replace(name, path)  # noqa: PTH105  # of mkstemp


def read_notes(path: Path) -> dict[str, bytes]:
    """The notes in a file; none from one that is missing or damaged."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=dict[str, bytes])
    except (OSError, msgspec.MsgspecError):
        return {}


def gather(folder: Path, keep: Callable[[str, bytes], None]) -> None:
    """Give all notes that workers have left, and remove them; raises OSError."""
    for path in folder.glob(f"*{NOTES}"):
        taken = path.with_suffix(".taken")
        path.replace(taken)
        for key, body in read_notes(taken).items():
            keep(key, body)
        taken.unlink()
