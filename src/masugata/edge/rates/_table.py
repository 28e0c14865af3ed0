"""The counts of one rule in memory that processes share.

A process may be killed at any step of what it does here, and the others go on: each step leaves slots that
can be found or are free, and sums are made anew once in a window. At worst some requests of one key are not
counted in that window; none is counted twice.
"""

import hashlib
import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from masugata.edge.process_lock import LOCK_BYTES, make_lock
from masugata.edge.rates import _layout as at
from masugata.edge.shared_files import map_shared

_ZEROS: Final = memoryview(bytes(4 * at.RING)).cast("I")
_NOBODY: Final = bytes(at.IDENTITY)
_MOST: Final = 1 << 24  # requests elsewhere in a sub-window; the sum of all cells has 32 bits


class Table:
    """Counts by key, in a window of so many seconds. Times are seconds by a clock that all share."""

    def __init__(self, path: Path, window: int) -> None:
        """Of a file, which is made if it is not there; raises OSError."""
        self.window = window
        self.grain = window / at.CELLS
        """Seconds of a sub-window: by so much less than the window a count may look back."""

        def prepare(memory: mmap.mmap, file: int) -> None:
            make_lock(memoryview(memory)[:LOCK_BYTES], file, fresh=True)
            cells = memoryview(memory).cast("I")
            cells[at.MAGIC_AT], cells[at.WINDOW_AT] = at.MAGIC, window
            memory[4 * at.SALT_AT : 4 * at.SALT_AT + at.SALT_BYTES] = os.urandom(at.SALT_BYTES)

        self._memory, self._file = map_shared(path, at.SIZE, prepare)
        self._cells = memoryview(self._memory).cast("I")
        if (self._cells[at.MAGIC_AT], self._cells[at.WINDOW_AT]) != (at.MAGIC, window):
            raise OSError(f"`{path}` is not a table of this version")
        self._salt = self._memory[4 * at.SALT_AT : 4 * at.SALT_AT + at.SALT_BYTES]
        self._lock = make_lock(memoryview(self._memory)[:LOCK_BYTES], self._file, fresh=False)
        self._attempt, self._release = self._lock.attempt, self._lock.release
        self._limit = self._cells[at.LIMIT_AT]
        # Where this process found keys last time; what stands there now tells whether they still are.
        self._known: dict[bytes, tuple[int, int, bytes]] = {}

    @property
    def limit(self) -> int:
        """The limit that was last counted for, by any process."""
        return self._cells[at.LIMIT_AT]

    def tick(self, now: float) -> int:
        """The sub-window of a time."""
        return int(now / self.grain)

    def count(self, key: bytes, now: float, limit: int) -> int:
        """Count a request; how many of this key came within the window, this one included."""
        tick = int(now / self.grain)
        short = key if len(key) < at.IDENTITY else at.identify(key)
        if not (self._attempt() or self._lock.wait()):
            return self._glance(short, tick)
        try:
            known = self._known.get(short)
            if known is None or self._memory[known[1] : known[1] + at.IDENTITY] != known[2]:
                known = self._place(short, at.identify(key))
            if limit != self._limit:
                self._limit = self._cells[at.LIMIT_AT] = limit
            return self._add(known[0], tick)
        finally:
            self._release()

    def over(self, now: float) -> list[tuple[bytes, int]]:
        """Keys over the limit now, with their counts; keys that were too long to be kept are left out."""
        tick, limit, cells = self.tick(now), self.limit, self._cells
        totals = cells[at.SLOTS + at.TOTAL : at.SLOTS + at.SLOT * self._used : at.SLOT].tolist()
        found = []
        for slot in [slot for slot, total in enumerate(totals) if total > limit]:
            identity, total = self._look(slot, lambda slot: self._total(slot, tick))
            key = at.key_of(identity)
            if key is not None and total > limit:
                found.append((key, total))
        return found

    def counted_here(self, tick: int) -> dict[bytes, int]:
        """What this edge itself counted in a sub-window that is not older than the window, by identity."""
        cells, cell = self._cells, tick % at.CELLS

        def here(slot: int) -> int:
            head = cells[at.SLOTS + at.SLOT * slot + at.HEAD]
            return cells[_ring(slot) + cell] if tick <= head < tick + at.CELLS else 0

        counts = cells[at.RINGS + cell : at.RINGS + at.RING * self._used : at.RING].tolist()
        looked = (self._look(slot, here) for slot, count in enumerate(counts) if count)
        return {identity: count for identity, count in looked if count and identity != _NOBODY}

    def counted_elsewhere(self, tick: int, counts: dict[bytes, int], now: float) -> None:
        """Take over what other edges counted in a sub-window; later counts replace earlier ones.

        Keys for which there is no room are left out.
        """
        latest = self.tick(now)
        if not latest - at.CELLS < tick <= latest:
            return
        for identity, number in counts.items():
            if not self._lock.acquire():
                return
            try:
                slot = self._find(identity)
                if slot is None and self._cells[at.USED_AT] < at.CAPACITY:
                    slot = self._insert(identity)
                if slot is not None:
                    self._advance(slot, latest)
                    self._cells[_ring(slot) + at.CELLS + tick % at.CELLS] = min(number, _MOST)
                    self._sum(slot)
            finally:
                self._lock.release()

    def close(self) -> None:
        """Forget the file."""
        os.close(self._file)

    # What follows needs the lock.

    def _add(self, slot: int, tick: int) -> int:
        cells = self._cells
        here = at.SLOTS + at.SLOT * slot
        head = cells[here + at.HEAD]
        if tick > head:
            self._advance(slot, tick)
            head = tick
        # Another process may have looked at the clock later and been here earlier.
        cells[at.RINGS + at.RING * slot + head % at.CELLS] += 1
        total = cells[here + at.TOTAL] + 1
        cells[here + at.TOTAL] = total
        return total

    def _advance(self, slot: int, tick: int) -> None:
        """Forget what left the window at this sub-window."""
        cells, here, ring = self._cells, at.SLOTS + at.SLOT * slot, _ring(slot)
        head = cells[here + at.HEAD]
        if tick <= head:
            return
        # The sum first: who dies in between leaves one that is too low, and never one that is too high.
        if tick - head >= at.CELLS:
            cells[here + at.TOTAL] = 0
            cells[ring : ring + at.RING] = _ZEROS
        else:
            total = cells[here + at.TOTAL]
            for number in range(head + 1, tick + 1):
                own = ring + number % at.CELLS
                others = own + at.CELLS
                total = max(0, total - cells[own] - cells[others])
                cells[here + at.TOTAL] = total
                cells[own] = cells[others] = 0
            if tick // at.CELLS != head // at.CELLS:
                self._sum(slot)
        cells[here + at.HEAD] = tick

    def _sum(self, slot: int) -> None:
        ring = _ring(slot)
        self._cells[at.SLOTS + at.SLOT * slot + at.TOTAL] = sum(self._cells[ring : ring + at.RING])

    def _place(self, short: bytes, identity: bytes) -> tuple[int, int, bytes]:
        slot = self._find(identity)
        if slot is None:
            slot = self._insert(identity)
        if len(self._known) >= at.CAPACITY:
            self._known.clear()
        found = self._known[short] = (slot, _identity(slot), identity)
        return found

    def _bucket(self, identity: bytes) -> int:
        # Under a salt that nobody knows, or somebody could choose keys of one bucket.
        digest = hashlib.blake2b(identity, digest_size=4, key=self._salt).digest()
        return int.from_bytes(digest, "little") % at.BUCKETS

    def _find(self, identity: bytes) -> int | None:
        cells, memory = self._cells, self._memory
        number = cells[at.HEADS + self._bucket(identity)]
        while number:
            where = _identity(number - 1)
            if memory[where : where + at.IDENTITY] == identity:
                return number - 1
            number = cells[at.SLOTS + at.SLOT * (number - 1) + at.NEXT]
        return None

    def _insert(self, identity: bytes) -> int:
        """A slot for a key that has none, in place of another's if none is free; the order is the point."""
        cells = self._cells
        used = cells[at.USED_AT]
        if used < at.CAPACITY:
            slot = used
            cells[at.USED_AT] = used + 1
        else:
            slot = self._least()
        here, where, ring = at.SLOTS + at.SLOT * slot, _identity(slot), _ring(slot)
        self._unlink(slot)
        self._memory[where : where + at.IDENTITY] = _NOBODY
        bucket = self._bucket(identity)
        cells[here + at.BUCKET] = bucket
        cells[here + at.NEXT] = cells[at.HEADS + bucket]
        cells[at.HEADS + bucket] = slot + 1
        cells[ring : ring + at.RING] = _ZEROS
        cells[here + at.TOTAL] = cells[here + at.HEAD] = 0
        self._memory[where : where + at.IDENTITY] = identity
        return slot

    def _unlink(self, slot: int) -> None:
        cells = self._cells
        here = at.HEADS + cells[at.SLOTS + at.SLOT * slot + at.BUCKET]
        while number := cells[here]:
            following = at.SLOTS + at.SLOT * (number - 1) + at.NEXT
            if number == slot + 1:
                cells[here] = cells[following]
                return
            here = following

    def _least(self) -> int:
        """Of a few slots in turn the one with the fewest requests, and of these the idlest."""
        cells = self._cells
        first = cells[at.HAND_AT]
        cells[at.HAND_AT] = (first + at.SAMPLE) % at.CAPACITY
        start = at.SLOTS + at.SLOT * first
        some = cells[start : start + at.SLOT * at.SAMPLE].tolist()
        heads, totals = some[at.HEAD :: at.SLOT], some[at.TOTAL :: at.SLOT]
        latest = max(heads)
        live = [
            (total if latest - head < at.CELLS else 0, head)
            for head, total in zip(heads, totals, strict=True)
        ]
        return first + live.index(min(live))

    @property
    def _used(self) -> int:
        return min(self._cells[at.USED_AT], at.CAPACITY)

    def _look(self, slot: int, value: Callable[[int], int]) -> tuple[bytes, int]:
        """A slot's key and a value that belongs to it; nobody's if that is not to be had."""
        if not self._lock.acquire():
            return _NOBODY, 0
        try:
            where = _identity(slot)
            return self._memory[where : where + at.IDENTITY], value(slot)
        finally:
            self._lock.release()

    def _total(self, slot: int, tick: int) -> int:
        """The count as of a sub-window, without changing anything."""
        cells, ring = self._cells, _ring(slot)
        head = cells[at.SLOTS + at.SLOT * slot + at.HEAD]
        live = at.CELLS - max(0, tick - head)
        places = [ring + (head - back) % at.CELLS for back in range(live)]
        return sum(cells[place] + cells[place + at.CELLS] for place in places)

    def _glance(self, short: bytes, tick: int) -> int:
        """What is known of a key without the lock; this request stays uncounted."""
        known = self._known.get(short)
        if known is None:
            return 0
        total = self._total(known[0], tick) + 1
        return total if self._memory[known[1] : known[1] + at.IDENTITY] == known[2] else 0


def _ring(slot: int) -> int:
    return at.RINGS + at.RING * slot


def _identity(slot: int) -> int:
    return 4 * at.IDENTITIES + at.IDENTITY * slot
