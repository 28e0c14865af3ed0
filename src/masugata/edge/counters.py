"""What a worker counts, and where others read it: a row for each worker in a file that all share."""

import mmap
import struct
from typing import BinaryIO, Final

COUNTERS: Final = (
    ("connections", "Connections that were accepted."),
    ("connections_refused", "Connections that were closed at once: too many, in all or from one address."),
    ("requests", "Requests whose head was read."),
    ("allowed", "Requests that went on to an upstream."),
    ("blocked", "Requests that the inspection answered."),
    ("malformed", "Requests that were refused for their form or size."),
    ("without_plan", "Requests that were refused because there was no plan, or its evaluation failed."),
    ("timeouts", "Connections that were ended because a client was too slow."),
    ("upstream_failures", "Requests that no upstream answered in a way that could be passed on."),
    ("upstream_retries", "Requests that were sent again, over another connection."),
    ("tunnels", "Connections that became a tunnel, such as a WebSocket."),
    ("log_records_lost", "Log records that did not come to the stream that they were for."),
)
(
    CONNECTIONS, CONNECTIONS_REFUSED, REQUESTS, ALLOWED, BLOCKED, MALFORMED, WITHOUT_PLAN, TIMEOUTS,
    UPSTREAM_FAILURES, UPSTREAM_RETRIES, TUNNELS, LOG_RECORDS_LOST,
) = range(len(COUNTERS))  # fmt: skip

_ROW: Final = struct.Struct(f"<{len(COUNTERS)}Q")


class Counters(list[int]):
    """This process's counts; plain integers on the way of a request, written to the file once a second."""

    def __init__(self) -> None:
        super().__init__([0] * len(COUNTERS))
        self._shared: mmap.mmap | None = None
        self._row = 0

    def share(self, file: BinaryIO, row: int) -> None:
        """Go on from what stands in a row of this file, and keep it there."""
        self._shared = mmap.mmap(file.fileno(), 0)
        self._row = row * _ROW.size
        for index, value in enumerate(_ROW.unpack_from(self._shared, self._row)):
            self[index] += value

    def publish(self) -> None:
        """Write them where others read them."""
        if self._shared is not None:
            _ROW.pack_into(self._shared, self._row, *self)


def prepare(file: BinaryIO, rows: int) -> None:
    """Make room for so many workers."""
    file.truncate(rows * _ROW.size)


def read(content: bytes) -> dict[str, int]:
    """The sums over all workers, from the content of the file."""
    rows = [_ROW.unpack_from(content, at) for at in range(0, len(content) - _ROW.size + 1, _ROW.size)]
    return {name: sum(row[index] for row in rows) for index, (name, _) in enumerate(COUNTERS)}


def text(content: bytes) -> str:
    """The same in the text format of Prometheus."""
    sums = read(content)
    return "".join(
        f"# HELP masugata_edge_{name}_total {told}\n# TYPE masugata_edge_{name}_total counter\n"
        f"masugata_edge_{name}_total {sums[name]}\n"
        for name, told in COUNTERS
    )
