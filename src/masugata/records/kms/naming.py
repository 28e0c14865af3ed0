"""How KMS keys are named: by id or alias, or by the ARN of either.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from masugata.arn import InvalidArnError, parse_arn
from masugata.records.kind import Kind, R
from masugata.records.kms.aliases import ALIAS, ALIAS_PREFIX
from masugata.records.kms.keys import KEY, Key

_KEY_ID: Final = re.compile(r"mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class InvalidKeyNameError(ValueError):
    """A text cannot be the name of a key; `arn` says whether it is meant as an ARN."""

    def __init__(self, message: str, *, arn: bool = False) -> None:
        super().__init__(message)
        self.arn = arn


class RecordsInRegions(Protocol):
    """What a look-up needs of a store's records."""

    def get(self, kind: Kind[R], account: str, key: str, region: str, /) -> R | None:
        """The record with this key, or None."""
        ...

    def by_name(self, kind: Kind[R], label: str, value: str, /) -> tuple[str, str, R] | None:
        """The account, Region and record with this name, or None."""
        ...


class KeyName(NamedTuple):
    """What a name says: the account, and the id of a key or an alias; the other one is empty."""

    account: str
    key_id: str
    alias: str


@lru_cache(maxsize=4096)  # every use of a key asks at least twice
def parse_key_name(text: str, account: str, region: str) -> KeyName:
    """What a caller of this account means by a name in this Region; raises `InvalidKeyNameError`.

    An ARN of another Region is refused: a key is used where it is.
    """
    if text.startswith("arn:"):
        given = text
        try:
            _, service, of_region, account, text = parse_arn(given)
        except InvalidArnError:
            raise InvalidKeyNameError(f"Invalid arn {given}", arn=True) from None
        if service != "kms":
            raise InvalidKeyNameError(f"Invalid arn {given}", arn=True)
        if of_region != region:
            raise InvalidKeyNameError(f"Invalid arn {of_region}", arn=True)
        if text.startswith("key/"):
            text = text.removeprefix("key/")
        elif not text.startswith(ALIAS_PREFIX):
            raise InvalidKeyNameError(f"Invalid arn {text}", arn=True)
    if text.startswith(ALIAS_PREFIX):
        return KeyName(account, "", text)
    if not _KEY_ID.fullmatch(text):
        raise InvalidKeyNameError(f"Invalid keyId '{text}'")
    return KeyName(account, text, "")


def find_key(records: RecordsInRegions, name: KeyName, region: str) -> Key | None:
    """The key that a name means in a Region, or None."""
    key_id = name.key_id
    if name.alias:
        alias = records.get(ALIAS, name.account, name.alias, region)
        if alias is None:
            return None
        key_id = alias.key_id
    return records.get(KEY, name.account, key_id, region)


def arn_of_key(records: RecordsInRegions, key_id: str, region: str, *, partition: str = "aws") -> str | None:
    """The ARN of the key with this id in a Region, whatever account it is of, or None."""
    found = records.by_name(KEY, "id", f"{region}/{key_id}")
    return None if found is None else key_arn(found[0], region, key_id, partition=partition)


def key_arn(account: str, region: str, key_id: str, *, partition: str = "aws") -> str:
    """The ARN of a key."""
    return f"arn:{partition}:kms:{region}:{account}:key/{key_id}"


def alias_arn(account: str, region: str, name: str, *, partition: str = "aws") -> str:
    """The ARN of an alias; its name begins with `alias/`."""
    return f"arn:{partition}:kms:{region}:{account}:{name}"
