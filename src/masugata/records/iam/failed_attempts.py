"""How often passwords were wrong lately, counted in a fixed number of places."""

import msgspec

from masugata.records.kind import Kind


class FailedAttempts(msgspec.Struct, frozen=True, kw_only=True):
    """Wrong passwords of whoever falls into this place; `last` is in milliseconds since the epoch.

    There are so many places and no more, whatever names strangers try: see `identity.attempts`.
    """

    version: int = 1
    place: str
    count: int
    last: int


FAILED_ATTEMPTS = Kind(
    "iam",
    "failed-attempts",
    FailedAttempts,
    key=lambda r: r.place,
    names=lambda _: (),
    references=lambda _: (),
)
