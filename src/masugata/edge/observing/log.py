"""The log of a web ACL: one line of JSON for each request, in AWS's form.

It goes to files that are rotated by size, or to a stream.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from masugata.edge.observing.delivery import Delivery
from masugata.edge.observing.log_filter import is_kept
from masugata.edge.observing.log_plan import LogPlan
from masugata.edge.observing.log_record import log_record
from masugata.edge.observing.protection import Protection
from masugata.edge.observing.samples import Country
from masugata.edge.observing.seen import Seen
from masugata.engines.waf.definitions import Ruleset

FILE_BYTES: Final = 64 << 20
FILES: Final = 8
"""Files of one worker that are kept: the one that is written, and older ones with a number."""


class Log:
    """The log of one site as one worker writes it."""

    def __init__(
        self,
        plan: LogPlan,
        ruleset: Ruleset,
        edge: str,
        worker: str,
        country: Country,
        delivery: Delivery | None = None,
    ) -> None:
        """Records go to the delivery if there is one, else to the worker's file in the plan's folder."""
        self._plan = plan
        self._ruleset = ruleset
        self._edge = edge
        self._path = Path(plan.folder) / f"{worker}.jsonl"
        self._country = country
        self._delivery = delivery
        self._protection = Protection(plan.redacted_fields, plan.data_protection)
        self._encode = msgspec.json.Encoder().encode

    def write(self, seen: Iterable[Seen]) -> None:
        """Append what the filter keeps; raises OSError."""
        lines = [self._encode(record) + b"\n" for record in self._records(seen)]
        if self._delivery is not None:
            self._delivery.offer(lines)
        elif lines:
            self._append(lines)

    def _append(self, lines: list[bytes]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, b"".join(lines))
            size = os.fstat(file).st_size
        finally:
            os.close(file)
        if size >= FILE_BYTES:
            self._rotate()

    def _records(self, seen: Iterable[Seen]) -> Iterable[Mapping[str, Any]]:
        for one in seen:
            if is_kept(self._plan.filter, one.decision):
                record = log_record(one, self._ruleset, self._edge, self._country(one.request.source_ip))
                yield self._protection.applied(record)

    def _rotate(self) -> None:
        """Number the files from the newest on; the oldest goes."""
        for number in range(FILES - 2, 0, -1):
            older = self._path.with_suffix(f".jsonl.{number}")
            if older.exists():
                older.replace(self._path.with_suffix(f".jsonl.{number + 1}"))
        self._path.replace(self._path.with_suffix(".jsonl.1"))
