"""What the store must know about a kind of record: its type, its key, its names and references."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

R = TypeVar("R", bound=msgspec.Struct)

Labels = Iterable[tuple[str, str]]
"""Pairs (label, value) by which a record can be found."""


@dataclass(frozen=True, eq=False, slots=True)
class Kind(Generic[R]):
    """One kind of record, such as IAM's users.

    `key` is unique within the kind, account and Region. `names` are (label, value) pairs that are
    unique within the kind over the whole installation, such as ("id", "AIDA…"); `references` are
    pairs that many records may share, such as ("policy", arn).

    Of a `secret` kind the database keeps nothing that was deleted or replaced, as far as it is in our hands.

    The struct is frozen and its first field is the format version, `version: int = 1`. Raise that
    default for every change of the struct that an older program would misread or lose.
    """

    service: str
    name: str
    struct: type[R]
    key: Callable[[R], str]
    names: Callable[[R], Labels]
    references: Callable[[R], Labels]
    secret: bool = False

    def __post_init__(self) -> None:
        fields = msgspec.structs.fields(self.struct)
        if not fields or fields[0].encode_name != "version" or type(fields[0].default) is not int:
            raise TypeError(f"the first field of `{self.struct.__name__}` must be `version: int = 1`")
        if not self.struct.__struct_config__.frozen:
            raise TypeError(f"`{self.struct.__name__}` must be frozen, because snapshots share it")

    @property
    def version(self) -> int:
        """The format version that this program reads and writes."""
        version: int = msgspec.structs.fields(self.struct)[0].default
        return version

    def __repr__(self) -> str:
        return f"<Kind {self.service}/{self.name}>"
