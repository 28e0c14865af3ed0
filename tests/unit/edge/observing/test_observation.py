"""What waits to be told of is bounded."""

from typing import Any, cast

import pytest

from masugata.edge.observing.observation import MOST_BYTES, MOST_WAITING, Observation
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest


class Allowing:
    """An inspector that allows."""

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """Allow."""
        del request, now
        return Decision("ALLOW")


class Told:
    """Counts what it is told of, and what was lost."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, int]] = []

    def tell(self, seen: list[Any], lost: int) -> None:
        """Count."""
        self.counts.append((len(seen), lost))


@pytest.mark.parametrize(
    ("header", "kept"), [(b"v", MOST_WAITING), (b"v" * (64 << 10), MOST_BYTES // (64 << 10))]
)
def test_what_waits_is_bounded_by_number_and_bytes(header: bytes, kept: int) -> None:
    """Whoever sends faster than is told of fills no memory; what is let go is counted, and told of."""
    told = Told()
    observation = Observation(Allowing(), cast("Any", told))
    request = WebRequest(method=b"GET", uri_path=b"/", headers=((b"", header[1:]),))
    for _ in range(kept + 10):
        assert observation.inspect(request, 0.0).action == "ALLOW"
    observation.take()()
    assert told.counts == [(kept, 10)]
    observation.inspect(request, 0.0)
    observation.take()()
    assert told.counts[-1] == (1, 10)
