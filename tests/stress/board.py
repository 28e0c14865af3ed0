"""What the mutator and the clients know in common: a file that all have mapped into their memory.

A place on it says of one principal whether it may do its request now. The word of a place changes
with every change of that, so a client that reads the same word before it sends a request and after
it has the answer knows what the answer has to be.
"""

import mmap
import sys
from enum import IntEnum

import orjson

_PLACE = 4096  # bytes
_COUNTERS = 64
_WORD = 4


class State(IntEnum):
    """Whether a principal may do its request."""

    CHANGING = 0  # either answer is right
    GRANTED = 1
    REVOKED = 2


class Counter(IntEnum):
    """What a client counts."""

    REQUESTS = 0
    MUST_DENY = 1  # sent after a revoke was answered, and so refused
    MUST_ALLOW = 2
    STALE = 3  # allowed after a revoke was answered: must never be
    WRONGLY_DENIED = 4
    FAILED = 5  # neither allowed nor denied
    STOP = 15  # set by the runner: send nothing more


class Board:
    """Places of principals, then the counters of each client; the last client is the mutator itself."""

    def __init__(self, path, places, clients):
        self.places, self.clients = places, clients
        size = places * _PLACE + clients * _COUNTERS
        with path.open("a+b") as file:
            file.truncate(size)
            self._map = mmap.mmap(file.fileno(), size)
        self._words = memoryview(self._map).cast("I")

    def word(self, place):
        """The present word; its last two bits are the state."""
        return self._words[place * _PLACE // _WORD]

    def set(self, place, state):
        """A new word with this state."""
        self._words[place * _PLACE // _WORD] = ((self.word(place) >> 2) + 1) << 2 | state

    @property
    def hot(self):
        """The place that changes now, or did last: where a stale answer would show."""
        return self._words[3]

    @hot.setter
    def hot(self, place):
        self._words[3] = place

    def generation(self, place):
        """How often the place's credentials were replaced; 0 while there are none."""
        return self._words[place * _PLACE // _WORD + 1]

    def publish(self, place, request, credentials):
        """What the principal sends, and with which credentials; only while it is changing."""
        assert self.word(place) & 3 == State.CHANGING
        content = orjson.dumps([request, credentials])
        start = place * _PLACE + 16
        self._words[place * _PLACE // _WORD + 2] = len(content)
        self._map[start : start + len(content)] = content
        self._words[place * _PLACE // _WORD + 1] += 1

    def published(self, place):
        """What was published; complete unless the place is changing."""
        start = place * _PLACE + 16
        return orjson.loads(self._map[start : start + self._words[place * _PLACE // _WORD + 2]])

    def counters(self, client):
        """A client's counters, to be read and written by index."""
        start = (self.places * _PLACE + client * _COUNTERS) // _WORD
        return self._words[start : start + _COUNTERS // _WORD]

    def total(self, counter):
        """A counter over all clients."""
        return sum(self.counters(client)[counter] for client in range(self.clients))


def judge(counts, state, status, about):
    """Count an answer; `state` was the same from before the request was sent until after the answer.

    `about` is shown of a wrong one; the answer's body comes last in it.
    """
    counts[Counter.REQUESTS] += 1
    if status == 400 and b"AccessDeniedException" in about[-1]:  # so it is in JSON
        status = 403
    if status not in (200, 403):
        verdict = Counter.FAILED
    elif state == State.CHANGING:
        return
    elif state == State.REVOKED:
        verdict = Counter.STALE if status == 200 else Counter.MUST_DENY
    else:
        verdict = Counter.MUST_ALLOW if status == 200 else Counter.WRONGLY_DENIED
    counts[verdict] += 1
    if verdict not in (Counter.MUST_DENY, Counter.MUST_ALLOW):
        sys.stderr.write(f"{verdict.name.lower()}: {status} {about!r:.600}\n")
