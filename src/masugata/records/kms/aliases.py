"""Aliases: names for KMS keys of the same account and Region."""

from datetime import datetime
from typing import Final

import msgspec

from masugata.records.kind import Kind

ALIAS_PREFIX: Final = "alias/"
AWS_ALIAS_PREFIX: Final = "alias/aws/"
"""Of the keys that services make for themselves."""


class Alias(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alias; `name` begins with `alias/`."""

    version: int = 1
    name: str
    key_id: str
    creation_date: datetime
    last_updated: datetime


ALIAS = Kind(
    "kms",
    "alias",
    Alias,
    key=lambda r: r.name,
    names=lambda _: [],
    references=lambda r: [("key", r.key_id)],
)
