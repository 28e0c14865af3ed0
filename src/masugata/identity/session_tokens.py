"""Session tokens: stateless, sealed by the keeper, carrying the whole session."""

import base64
import binascii
import zlib

import msgspec

from masugata.identity.caller import Session
from masugata.keeper import Keeper, SealBrokenError
from masugata.wire.sigv4 import invalid_token

PURPOSE = "sts-session-token"
TOKEN_LIMIT = 16_384
"""Characters of a session token."""
_MAXIMUM_CONTENT = 262_144
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Session)


def seal_session(session: Session, keeper: Keeper, minimum_size: int = 0) -> str:
    """The session token for `session`, in base64; bound to the session's access key id.

    A token that would have less than `minimum_size` characters is filled up: with zeros behind the
    compressed session, where whoever opens it does not look.
    """
    identity = session.access_key_id.encode()
    content = zlib.compress(_encoder.encode(session), 1)
    sealed = keeper.seal(PURPOSE, content, identity)
    lacking = -(-minimum_size * 3 // 4) - len(sealed)
    if lacking > 0:
        sealed = keeper.seal(PURPOSE, content + bytes(lacking), identity)
    return base64.b64encode(sealed).decode()


def open_session(token: str, access_key_id: str, keeper: Keeper) -> Session:
    """The session in `token` if it was issued for `access_key_id`; raises InvalidClientTokenId.

    Expiry is the caller's business: it depends on the time.
    """
    if len(token) > TOKEN_LIMIT:
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
