"""What is to become of keys at some time, in the order in which it falls due.

A key has a record here for each such thing, so that the next of 100,000 keys is found by looking at the
first. They only say when to look: what is done then is decided by the key, and an entry that it knows nothing
of any more means nothing.
"""

from datetime import datetime
from typing import Final

import msgspec

from masugata.records.kind import Kind

ROTATION: Final = "rotation"
ON_DEMAND_ROTATION: Final = "on-demand-rotation"
EXPIRY: Final = "expiry"
REMAINS: Final = "remains"
"""Of grants of a key that is gone."""
TRANSITION: Final = "transition"
"""Out of the states Creating and Updating."""
FORGET: Final = "forget"
"""What the keeper remembers of material that was erased."""


class Scheduled(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A look at a key when it is `due`; `material_id` is set where it is about one of its materials."""

    version: int = 1
    what: str
    due: datetime
    key_id: str
    material_id: str = ""


SCHEDULED = Kind(
    "kms",
    "scheduled",
    Scheduled,
    key=lambda r: f"{r.what}/{r.due:%Y-%m-%dT%H:%M:%S.%fZ}/{r.key_id}/{r.material_id}",
    names=lambda _: [],
    references=lambda r: [("key", r.key_id)],
)
