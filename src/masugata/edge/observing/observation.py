"""An inspector that is observed: on the way of a request that is an append to a list."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from masugata.edge.inspection import Inspector
from masugata.edge.observing.seen import Seen
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest

if TYPE_CHECKING:
    from masugata.edge.observing.observer import Observer

MOST_WAITING: Final = 20_000
MOST_BYTES: Final = 32 << 20
"""Requests that wait to be told of, and bytes in them; more are let go, and counted."""


class Observation:
    """An inspector, observed: an `Inspector` itself."""

    def __init__(self, inspector: Inspector, observer: "Observer") -> None:
        self._inspect = inspector.inspect
        self._observer = observer
        self._waiting: list[Seen] = []
        self._bytes = 0
        self.lost = 0

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """Decide, and remember what was decided."""
        decision = self._inspect(request, now)
        if len(self._waiting) < MOST_WAITING and self._bytes < MOST_BYTES:
            size = len(request.body)
            self._bytes += len(request.uri_path) + len(request.query_string)
            self._bytes += sum([len(name) + len(value) for name, value in request.headers])
            bare = msgspec.structs.replace(request, body=b"") if size else request
            self._waiting.append(Seen(now, bare, decision, size))
        else:
            self.lost += 1
        return decision

    def take(self) -> Callable[[], None]:
        """What tells of all that waits, in any thread but one at a time."""
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        return partial(self._observer.tell, waiting, self.lost)
