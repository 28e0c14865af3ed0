"""Takes note of decisions, on the way of a request only by appending to a list."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from masugata.edge.observing.limited import Limited, limited_addresses
from masugata.edge.observing.log import Log
from masugata.edge.observing.notes import NOTES, write_notes
from masugata.edge.observing.samples import Sampler
from masugata.edge.observing.seen import Seen

_log = logging.getLogger("masugata.edge")


class Observer:
    """What one worker tells of one site; everything but its making is for a thread beside the loop."""

    def __init__(
        self, folder: Path | None, sampler: Sampler, log: Log | None, limited: Limited | None
    ) -> None:
        """Notes go to a file in the folder, called after the sampler's worker; without one there are none."""
        self._path = None if folder is None else folder / f"{sampler.worker}{NOTES}"
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
        try:
            if self._path is not None:
                self._note(self._path, seen)
            if self._log is not None and seen:
                self._log.write(seen)
        except OSError as error:
            _log.error("samples or logs of %d requests are lost: %s", len(seen), error)

    def _note(self, path: Path, seen: list[Seen]) -> None:
        for one in seen:
            self._sampler.add(one)
        notes, now = self._sampler.notes(), datetime.now(UTC)
        if self._limited is not None:
            notes |= limited_addresses(self._sampler.ruleset, self._limited, self._sampler.worker, now)
        if notes:
            write_notes(path, notes)
