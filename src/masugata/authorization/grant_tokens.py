"""Grant tokens: which grant somebody means, sealed, so that nothing needs to be kept of them.

Here a grant counts at once, with its token or without; so a token gives nothing, and to take another's
is no crime. It is checked all the same, as AWS does: clients learn what is wrong with theirs.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/using-grant-token.html
"""

import base64
import binascii
from typing import Final, NamedTuple

import orjson

from masugata.errors import AwsError
from masugata.keeper import Keeper, SealBrokenError

PURPOSE: Final = "kms-grant-token"

_VERSION: Final = b"\x01"
_END: Final = b"\x00"  # of the name, which is JSON and so has none


class GrantName(NamedTuple):
    """Where a grant is, and its id."""

    account: str
    region: str
    key_id: str
    grant_id: str


def new_grant_token(grant: GrantName, keeper: Keeper) -> str:
    """A token of a grant, another one each time; it is not secret."""
    name = orjson.dumps(list(grant))
    return base64.b64encode(_VERSION + name + _END + keeper.seal(PURPOSE, b"", name)).decode()


def claimed_grant(token: str) -> GrantName:
    """The grant that a token says it is of, which nobody has proven; raises InvalidGrantTokenException."""
    return GrantName(*_split(token)[1])


def proven_grant(token: str, keeper: Keeper) -> GrantName:
    """The grant for which this token was made; raises InvalidGrantTokenException."""
    name, claimed, sealed = _split(token)
    try:
        keeper.unseal(PURPOSE, sealed, name)
    except SealBrokenError:
        raise invalid_grant_token() from None
    return claimed


def invalid_grant_token() -> AwsError:
    """AWS's answer to a token that is none, or whose grant is gone."""
    return AwsError("InvalidGrantTokenException", "The grant token is not valid.", 400)


def _split(token: str) -> tuple[bytes, GrantName, bytes]:
    """The name as it is sealed, what it says, and the seal."""
    try:
        content = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        raise invalid_grant_token() from None
    name, end, sealed = content[1:].partition(_END)
    # One token has one spelling: base64 leaves bits over that say nothing.
    if content[:1] != _VERSION or not end or base64.b64encode(content).decode() != token:
        raise invalid_grant_token()
    try:
        parts = orjson.loads(name)
    except orjson.JSONDecodeError:
        raise invalid_grant_token() from None
    if (
        not isinstance(parts, list)
        or len(parts) != len(GrantName._fields)
        or not all(isinstance(part, str) for part in parts)
    ):
        raise invalid_grant_token()
    return name, GrantName(*parts), sealed
