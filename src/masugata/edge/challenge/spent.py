"""Puzzles that were handed in: each counts once, whichever process it comes to."""

import mmap
import struct
from pathlib import Path
from typing import Final

from masugata.edge.challenge.puzzles import NONCE
from masugata.edge.process_lock import LOCK_BYTES, make_lock
from masugata.edge.shared_files import map_shared

_ENTRY: Final = struct.Struct(f"<{NONCE}sI")
_ENTRIES: Final = 1 << 18
_SEARCHED: Final = 32
"""Entries that one may lie in; if all are taken the puzzle is refused, never accepted twice."""
_SIZE: Final = LOCK_BYTES + _ENTRY.size * (_ENTRIES + _SEARCHED)


class SpentPuzzles:
    """A set of 4 MB in a file that processes share; entries leave it when their time is over."""

    def __init__(self, path: Path) -> None:
        """Of a file, which is made if it is not there; raises OSError."""

        def prepare(memory: mmap.mmap, file: int) -> None:
            make_lock(memoryview(memory)[:LOCK_BYTES], file, fresh=True)

        self._memory, file = map_shared(path, _SIZE, prepare)
        self._lock = make_lock(memoryview(self._memory)[:LOCK_BYTES], file, fresh=False)

    def spend(self, nonce: bytes, ends: int, now: float) -> bool:
        """Whether this is the first time for the nonce, which is one of ours and so is random.

        `ends` is when it could not be handed in any more.
        """
        first = LOCK_BYTES + _ENTRY.size * (int.from_bytes(nonce[:4], "big") % _ENTRIES)
        if not self._lock.acquire():
            return False
        try:
            part = self._memory[first : first + _ENTRY.size * _SEARCHED]
            entries = list(_ENTRY.iter_unpack(part))
            if any(taken == nonce and until > now for taken, until in entries):
                return False
            free = next((place for place, (_, until) in enumerate(entries) if until <= now), None)
            if free is None:
                return False
            _ENTRY.pack_into(self._memory, first + _ENTRY.size * free, nonce, ends)
            return True
        finally:
            self._lock.release()
