"""Grants: what one principal may do with one key, beside what the key policy says."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from masugata.records.kind import Kind


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A grant; a member that CreateGrant was not given is empty. `id` has 64 hexadecimal digits.

    `grantee` is an ARN, or the name of a service; `retiring` likewise.
    """

    version: int = 1
    id: str
    key_id: str
    creation_date: datetime
    issuing_account: str
    grantee: str
    grantee_is_service: bool = False
    retiring: str = ""
    retiring_is_service: bool = False
    operations: tuple[str, ...] = ()
    name: str = ""
    context_equals: Mapping[str, str] | None = None
    context_subset: Mapping[str, str] | None = None
    source_arn: str = ""


GRANT = Kind(
    "kms",
    "grant",
    Grant,
    key=lambda r: f"{r.key_id}/{r.id}",
    names=lambda _: [],
    references=lambda r: [
        ("key", r.key_id),
        ("grantee", f"{r.key_id} {r.grantee}"),
        *([("retiring", r.retiring)] if r.retiring else []),
    ],
)
