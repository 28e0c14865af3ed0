"""The keys that signatures are verified with, derived from secrets and kept for the next request."""

import logging
from collections import OrderedDict

from masugata.identity.caller import Session
from masugata.keeper import Keeper, SealBrokenError
from masugata.records.iam import AccessKey
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import ECDSA, Signature, invalid_token, signing_key, verify

_log = logging.getLogger(__name__)


class DerivedKeys:
    """Keys of long-term access keys, as the keeper derives them: the secret itself is never here.

    At most `size` are kept; one that is kept holds for one sealed secret only. A key is kept once a
    signature was verified with it: whoever has no secret can make us derive, and push nothing out.
    """

    def __init__(self, keeper: Keeper, size: int) -> None:
        self._keeper = keeper
        self._size = size
        self._kept: OrderedDict[tuple[str | bytes, ...], bytes] = OrderedDict()

    def verify(self, request: HttpRequest, signature: Signature, key: AccessKey) -> None:
        """Refuse `request` unless it was signed with `key`; raises `AwsError`."""
        if signature.algorithm == ECDSA:
            name: tuple[str | bytes, ...] = (ECDSA, key.id, key.secret)
        else:
            name = (key.id, key.secret, signature.date, signature.region, signature.service)
        derived = self._kept.get(name)
        if derived is not None:
            verify(request, signature, derived)
            return
        derived = self._derive(key, signature)
        verify(request, signature, derived)
        self._kept[name] = derived
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def _derive(self, key: AccessKey, signature: Signature) -> bytes:
        identity = key.id.encode()
        try:
            if signature.algorithm == ECDSA:
                return self._keeper.sigv4a_public_key(key.secret, identity)
            return self._keeper.sigv4_key(
                key.secret, identity, signature.date, signature.region, signature.service
            )
        except SealBrokenError as error:  # a key that cannot be checked is as good as none
            _log.exception("the sealed secret of the access key %s does not open", key.id)
            raise invalid_token() from error


def session_key(session: Session, signature: Signature) -> bytes:
    """The key that `session`'s signature is verified with; its secret came with its token."""
    if signature.algorithm != ECDSA:
        return signing_key(session.secret, signature.date, signature.region, signature.service)
    # Loading the curves is two hundredths of the time to start, and hardly anybody signs with them.
    from masugata.keeper.sigv4a import public_key  # noqa: PLC0415

    return public_key(session.secret.encode(), session.access_key_id.encode())
