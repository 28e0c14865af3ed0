"""What the edge's supervisor and a worker say to each other, over a socket that both inherit.

First the supervisor sends an `Assignment`, then the worker `READY` or a `FAILED…`, then the supervisor
orders, each a line. The end of the supervisor's side is an order to stop.
"""

from typing import Final

import msgspec

from masugata.edge.settings import EdgeSettings
from masugata.processes import WorkerFailedError

RETIRE: Final = b"retire\n"
"""Others accept now: end with the connections that are open, without a client noticing."""
STOP: Final = b"stop\n"
"""Answer what runs, and end."""
STOP_NOW: Final = b"stop now\n"
REOPEN: Final = b"reopen\n"
"""Open the access log again."""
READY: Final = b"ready"
FAILED: Final = b"failed "


class Assignment(msgspec.Struct, frozen=True):
    """Which worker a process is, and where it counts; listeners come in the order of the sites."""

    number: int
    row: int
    settings: EdgeSettings


def encode(assignment: Assignment) -> bytes:
    """An assignment as one line."""
    return msgspec.json.encode(assignment) + b"\n"


def decode(line: bytes) -> Assignment:
    """An assignment from its line; raises `msgspec.MsgspecError`."""
    return msgspec.json.decode(line, type=Assignment)


def decode_answer(line: bytes) -> None:
    """A worker's answer from its line; raises ValueError, or `WorkerFailedError` if it failed."""
    if line.startswith(FAILED):
        raise WorkerFailedError(line.removeprefix(FAILED).decode("utf-8", "replace"), reasoned=True)
    if line != READY:
        raise ValueError(f"no answer of a worker: {line!r}")
