"""Responsibility transfers: one organization's management account pays another's bills."""

from datetime import datetime
from typing import Literal

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


class ResponsibilityTransfer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One transfer, kept in the management account that asked for it; `id` is `rt-…`.

    `source` hands responsibility over and `target`, which asked, takes it: ids of management accounts.
    Outbound for the one, inbound for the other. While `status` is REQUESTED its `handshake` says whether it
    was declined, cancelled, or expired. `invited_by` says by what the target named the source, which is all
    that it is told of the source until that accepts.
    """

    version: int = 1
    id: str
    name: str
    type: str = "BILLING"
    status: Literal["REQUESTED", "ACCEPTED", "WITHDRAWN"] = "REQUESTED"
    source: str
    target: str
    invited_by: Literal["ACCOUNT", "EMAIL"]
    start: datetime
    end: datetime | None = None
    handshake: str
    tags: tuple[Tag, ...] = ()

    def binds_at(self, moment: datetime) -> bool:
        """Whether it was accepted, and has not ended by then."""
        return self.status == "ACCEPTED" or (
            self.status == "WITHDRAWN" and self.end is not None and self.end >= moment
        )


RESPONSIBILITY_TRANSFER = Kind(
    "organizations",
    "responsibility-transfer",
    ResponsibilityTransfer,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id), ("handshake", r.handshake)],
    references=lambda r: [("source", r.source), ("target", r.target)],
)
