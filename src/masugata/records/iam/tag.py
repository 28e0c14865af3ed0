"""The tags of IAM records."""

import msgspec


class Tag(msgspec.Struct, frozen=True):
    """One tag; IAM keeps the case of keys and compares them without it."""

    key: str
    value: str
