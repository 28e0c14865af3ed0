"""Log records on their way to a stream: bounded, sent again, and lost only if that is said."""

from collections.abc import Sequence

import pytest

from masugata.edge.observing import delivery
from masugata.edge.observing.delivery import Delivery, RefusedRecordsError
from masugata.errors import MasugataError


class Stream:
    """Takes what it is told to take; `fail` is what it raises."""

    def __init__(self) -> None:
        self.calls: list[list[bytes]] = []
        self.refused: list[bytes] = []
        self.fail: Exception | None = None
        self.said: list[str] = []
        self.delivery = Delivery("aws-waf-logs-x", self.put, self.said.append)

    def put(self, records: Sequence[bytes]) -> list[int]:
        """A `Put`."""
        if self.fail is not None:
            raise self.fail
        self.calls.append([*records])
        return [index for index, record in enumerate(records) if record in self.refused]


def test_calls_are_as_large_as_they_may_be() -> None:
    """Up to 500 records and so many bytes, in the order in which they came."""
    stream = Stream()
    records = [b"%d" % number for number in range(1_201)]
    stream.delivery.offer(records)
    while stream.delivery.send() == 0.0 and sum(map(len, stream.calls)) < len(records):
        pass
    assert [len(call) for call in stream.calls] == [500, 500, 201]
    assert [record for call in stream.calls for record in call] == records
    large = b"x" * delivery.LARGEST_RECORD
    stream.delivery.offer([large] * 7)
    for _ in range(3):
        stream.delivery.send()
    assert [len(call) for call in stream.calls[3:]] == [3, 3, 1]


def test_what_is_not_taken_is_sent_again() -> None:
    """Records of a call that was refused, or was taken in part, come again before later ones."""
    stream = Stream()
    stream.delivery.offer([b"a", b"b", b"c"])
    stream.fail = MasugataError("nobody is there")
    pauses = [stream.delivery.send() for _ in range(12)]
    assert pauses == sorted(pauses)
    assert 0 < pauses[0] < pauses[-1] <= 30
    assert len(stream.said) == 1
    assert "nobody is there" in stream.said[0]
    stream.fail, stream.refused = None, [b"b"]
    assert stream.delivery.send() > 0
    stream.refused = []
    stream.delivery.offer([b"d"])
    assert stream.delivery.send() == 0
    assert stream.calls == [[b"a", b"b", b"c"], [b"b", b"d"]]
    assert (stream.delivery.lost, len(stream.said)) == (0, 2)


def test_what_finds_no_room_is_lost_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits stays; the loss is said at once, and again when it has doubled or is over."""
    monkeypatch.setattr(delivery, "WAITING_BYTES", 10)
    stream = Stream()
    stream.fail = MasugataError("nobody is there")
    stream.delivery.offer([b"12345", b"67890", b"x"])
    stream.delivery.send()
    for _ in range(99):
        stream.delivery.offer([b"x"])
    assert stream.delivery.lost == 100
    assert len([text for text in stream.said if "are lost" in text]) == 7
    stream.fail = None
    stream.delivery.send()
    assert stream.calls == [[b"12345", b"67890"]]
    assert stream.said[-1] == "36 log records for `aws-waf-logs-x` are lost"


def test_what_can_never_be_taken_is_lost_and_holds_nobody_up() -> None:
    """A record that is too large, and a call that the stream refuses for what is in it."""
    stream = Stream()
    stream.delivery.offer([b"x" * (delivery.LARGEST_RECORD + 1), b"a"])
    assert stream.delivery.lost == 1
    stream.fail = RefusedRecordsError("InvalidArgumentException")
    assert stream.delivery.send() == 0.0
    stream.fail = None
    stream.delivery.offer([b"b"])
    stream.delivery.send()
    assert (stream.calls, stream.delivery.lost) == ([[b"b"]], 2)


def test_the_end() -> None:
    """What waits is sent; without anybody who takes it, it is counted as lost."""
    stream = Stream()
    stream.delivery.start()
    stream.delivery.offer([b"%d" % number for number in range(1_000)])
    stream.delivery.close()
    assert sum(map(len, stream.calls)) == 1_000
    stream.delivery.offer([b"late"])
    assert stream.delivery.lost == 1

    failing = Stream()
    failing.fail = MasugataError("nobody is there")
    failing.delivery.start()
    failing.delivery.offer([b"a", b"b"])
    failing.delivery.close()
    assert failing.delivery.lost == 2
    assert failing.said[-1] == "2 log records for `aws-waf-logs-x` are lost"
