"""What the supervisor and a worker say to each other, over a socket that both inherit.

First the supervisor sends an `Assignment`, then the worker a `Ready` or a `Failed`, then the supervisor
orders, each a line. The end of the supervisor's side is an order to stop: it is how a worker notices
that its supervisor was killed.
"""

from pathlib import Path
from typing import Any

import msgspec

from masugata.processes import WorkerFailedError
from masugata.settings import Settings

RETIRE = b"retire\n"
STOP = b"stop\n"
STOP_NOW = b"stop now\n"


class Assignment(msgspec.Struct, frozen=True):
    """Which worker a process is and how it shall serve; it may hold the root user's secret."""

    number: int
    settings: Settings
    prepare: bool
    """Whether to make what the installation lacks: one worker does, before there are others."""
    certificate: Path | None = None
    key: Path | None = None
    keeper: Path | None = None
    """Where the keeper answers that the supervisor has started."""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker accepts connections."""

    account: str
    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The worker cannot start, for a reason that an operator can understand."""

    reason: str


def encode(message: Assignment | Ready | Failed) -> bytes:
    """A message as one line."""
    return msgspec.json.encode(message, enc_hook=str) + b"\n"


def decode_assignment(line: bytes) -> Assignment:
    """An assignment from its line; raises `msgspec.MsgspecError`."""
    return msgspec.json.decode(line, type=Assignment, dec_hook=_path)


def decode_answer(line: bytes) -> Ready:
    """A worker's answer from its line; raises `msgspec.MsgspecError`, or `WorkerFailedError` if it failed."""
    answer = msgspec.json.decode(line, type=Ready | Failed, dec_hook=_path)
    if isinstance(answer, Failed):
        raise WorkerFailedError(answer.reason, reasoned=True)
    return answer


def _path(kind: type[Any], value: Any) -> Any:
    return kind(value)
