"""Responsibility transfers: one organization's management account pays another's bills."""

from datetime import datetime

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


class ResponsibilityTransfer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One transfer, kept in the management account that asked for it; `id` is `rt-…`.

    `source` hands responsibility over and `target` takes it: ids of management accounts. Outbound for
    the one, inbound for the other.
    """

    version: int = 1
    id: str
    name: str
    type: str = "BILLING"
    status: str
    source: str
    source_email: str
    target: str
    target_email: str
    start: datetime
    end: datetime | None = None
    handshake: str
    tags: tuple[Tag, ...] = ()


RESPONSIBILITY_TRANSFER = Kind(
    "organizations",
    "responsibility-transfer",
    ResponsibilityTransfer,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id), ("handshake", r.handshake)],
    references=lambda r: [("source", r.source), ("target", r.target)],
)
