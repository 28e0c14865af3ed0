"""Session tokens: stateless, sealed by the keeper, carrying the whole session."""

import base64
import binascii
import zlib

import msgspec

from masugata.identity.caller import Session
from masugata.keeper import Keeper, SealBrokenError
from masugata.wire.sigv4 import invalid_token

PURPOSE = "sts-session-token"
_MAXIMUM_LENGTH = 16_384
_MAXIMUM_CONTENT = 262_144
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Session)


def seal_session(session: Session, keeper: Keeper) -> str:
    """The session token for `session`, in base64; bound to the session's access key id."""
    content = zlib.compress(_encoder.encode(session), 1)
    return base64.b64encode(keeper.seal(PURPOSE, content, session.access_key_id.encode())).decode()


def open_session(token: str, access_key_id: str, keeper: Keeper) -> Session:
    """The session in `token` if it was issued for `access_key_id`; raises InvalidClientTokenId.

    Expiry is the caller's business: it depends on the time.
    """
    if len(token) > _MAXIMUM_LENGTH:
        raise invalid_token()
    try:
        sealed = base64.b64decode(token, validate=True)
        compressed = keeper.unseal(PURPOSE, sealed, access_key_id.encode())
        session = _decoder.decode(_decompress(compressed))
    except (binascii.Error, ValueError, SealBrokenError, zlib.error, msgspec.DecodeError) as error:
        raise invalid_token() from error
    if session.version != 1 or session.access_key_id != access_key_id:
        raise invalid_token()
    return session


def _decompress(compressed: bytes) -> bytes:
    inflater = zlib.decompressobj()
    content = inflater.decompress(compressed, _MAXIMUM_CONTENT)
    if inflater.unconsumed_tail or not inflater.eof:
        raise ValueError("the token's content is too large or cut off")
    return content
