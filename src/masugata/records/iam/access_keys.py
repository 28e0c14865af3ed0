"""Long-term access keys."""

from datetime import datetime

import msgspec

from masugata.records.kind import Kind


class AccessKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A long-term access key.

    `owner_id` is the user's unique id, or the account id for the root user's keys. `secret` is
    sealed by the keeper under the key id. A `preset` key comes from the settings and lives as long as
    they name it.
    """

    version: int = 1
    id: str
    owner_id: str
    active: bool = True
    create_date: datetime
    secret: bytes
    preset: bool = False


ACCESS_KEY = Kind(
    "iam",
    "access-key",
    AccessKey,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id)],
    references=lambda r: [("owner", r.owner_id)],
)
