"""Time-based one-time passwords: HOTP of RFC 4226 on the time steps of RFC 6238.

Pure: the time is an argument. A *step* is the number of whole 30 seconds since the epoch.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime

STEP_SECONDS = 30
DIGITS = 6


def code_at(seed: bytes, step: int, *, digits: int = DIGITS, digest: str = "sha1") -> str:
    """The code of a step: HOTP with the step as its counter (RFC 4226, section 5.3)."""
    mac = hmac.digest(seed, step.to_bytes(8), digest)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_at(moment: datetime) -> int:
    """The step that `moment`, an aware time, is in."""
    return int(moment.timestamp()) // STEP_SECONDS


def last_match(seed: bytes, code: str, steps: Iterable[int]) -> int | None:
    """The last of the ascending `steps` whose code is `code`, or None.

    The last, because two steps can have the same code: spending the earlier one would leave the code
    good for another time. Every step is compared, each in constant time.
    """
    found = None
    for step in steps:
        if hmac.compare_digest(code_at(seed, step).encode(), code.encode()):
            found = step
    return found


def last_pair(seed: bytes, first: str, second: str, steps: Iterable[int]) -> int | None:
    """The last of the ascending `steps` whose code is `first` while the next step's is `second`, or None."""
    found = None
    for step in steps:
        pair = f"{code_at(seed, step)} {code_at(seed, step + 1)}"
        if hmac.compare_digest(pair.encode(), f"{first} {second}".encode()):
            found = step
    return found
