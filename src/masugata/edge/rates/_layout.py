"""Where things lie in a table of counts, in units of 4 bytes.

A header, the first slot of each bucket, and for each slot: what is known of it, the key, and how many
requests came in each sub-window, to this edge and to others.
"""

import hashlib
from typing import Final

CAPACITY: Final = 10_000
"""Keys that are tracked for a rule, as AWS has it."""
CELLS: Final = 60
"""Sub-windows of a window: a count is of the last 59 whole ones and the one that runs."""
BUCKETS: Final = 16_384
SAMPLE: Final = 16
"""Slots among which one is given up for a new key; divides `CAPACITY`."""
IDENTITY: Final = 48
"""Bytes of a key, or of what stands for a longer one."""

MAGIC_AT: Final = 16
WINDOW_AT: Final = 17
LIMIT_AT: Final = 18
USED_AT: Final = 19
HAND_AT: Final = 20
SALT_AT: Final = 24
SALT_BYTES: Final = 16
_HEADER: Final = 64

NEXT, HEAD, TOTAL, BUCKET = range(4)
"""Of a slot: the next one in its bucket, the sub-window of the last request, the sum of its cells."""
SLOT: Final = 4

HEADS: Final = _HEADER
SLOTS: Final = HEADS + BUCKETS
IDENTITIES: Final = SLOTS + SLOT * CAPACITY
RINGS: Final = IDENTITIES + IDENTITY // 4 * CAPACITY
RING: Final = 2 * CELLS
SIZE: Final = 4 * (RINGS + RING * CAPACITY)
"""Bytes."""
MAGIC: Final = 0x4D52_0001

_LONGEST: Final = IDENTITY - 1
_DIGEST: Final = 255


def identify(key: bytes) -> bytes:
    """What stands for a key in a table: itself with its length, or a digest."""
    length = len(key)
    if length <= _LONGEST:
        return (b"%c%b" % (length, key)).ljust(IDENTITY, b"\0")
    return b"%c%b" % (_DIGEST, hashlib.blake2b(key, digest_size=_LONGEST).digest())


def key_of(identity: bytes) -> bytes | None:
    """The key, unless it was too long to be kept."""
    length = identity[0]
    return identity[1 : 1 + length] if length <= _LONGEST else None
