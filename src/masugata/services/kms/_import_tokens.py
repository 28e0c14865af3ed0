"""Import tokens: all that is known of a wrapping key, sealed, so that nothing of it is kept here.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.keeper import SealBrokenError, WrappingKey
from masugata.records.kms import Key

_PURPOSE: Final = "kms-import-token"
_LIFETIME: Final = timedelta(hours=24)


class ImportToken(msgspec.Struct, frozen=True, array_like=True):
    """A wrapping key, as the keeper sealed it, and by which algorithm it is used until when."""

    version: int
    wrapping_key: bytes
    spec: str
    algorithm: str
    expires: datetime

    @property
    def size(self) -> int:
        """Bytes of what is encrypted under the wrapping key."""
        return int(self.spec.removeprefix("RSA_")) // 8


_FORM: Final = msgspec.msgpack.Decoder(ImportToken)


def seal_token(
    call: Call, key: Key, wrapping: WrappingKey, spec: str, algorithm: str
) -> tuple[bytes, datetime]:
    """The token for importing into a key, and when it expires."""
    expires = call.now + _LIFETIME
    token = ImportToken(1, wrapping.sealed, spec, algorithm, expires)
    return call.keeper.seal(_PURPOSE, msgspec.msgpack.encode(token), _identity(call, key)), expires


def open_token(call: Call, key: Key, sealed: bytes) -> ImportToken:
    """What a token of this key says; raises InvalidImportTokenException and ExpiredImportTokenException."""
    try:
        token = _FORM.decode(call.keeper.unseal(_PURPOSE, sealed, _identity(call, key)))
    except (SealBrokenError, msgspec.MsgspecError):
        raise AwsError(
            "InvalidImportTokenException", "The import token is invalid, or belongs to another KMS key.", 400
        ) from None
    if token.expires <= call.now:
        raise AwsError("ExpiredImportTokenException", "The import token has expired.", 400)
    return token


def _identity(call: Call, key: Key) -> bytes:
    """Related keys in other Regions have tokens of their own."""
    return f"{call.account}\n{key.region}\n{key.id}".encode()
