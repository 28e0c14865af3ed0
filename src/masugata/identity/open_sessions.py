"""Sessions whose tokens were opened a moment ago."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple

from masugata.identity.caller import Session
from masugata.identity.derived_keys import session_key
from masugata.identity.session_tokens import open_session
from masugata.keeper import Keeper
from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import Signature, invalid_token, verify

SECONDS: Final = 1.0
"""How long a session is believed without its token being opened again.

As long as a keeper is believed to be open: a token whose root key was forgotten is good for no longer.
"""


class _Opened(NamedTuple):
    session: Session
    key: bytes
    until: float


class OpenSessions:
    """Opens session tokens, and keeps at most `size` sessions with their keys.

    To open a token is to ask the keeper, and the key of its signature has to be derived: a fifth of what a
    request costs. What a session still may is nobody's business here: that is read at every call. As with
    `DerivedKeys`, whoever has no secret pushes nothing out. `clock` gives seconds that only grow.
    """

    def __init__(self, keeper: Keeper, size: int, clock: Callable[[], float] = monotonic) -> None:
        self._keeper = keeper
        self._size = size
        self._clock = clock
        self._kept: OrderedDict[tuple[str, ...], _Opened] = OrderedDict()

    def verify(self, request: HttpRequest, signature: Signature) -> Session:
        """The session that signed `request`, expired or not; raises `AwsError`."""
        token, access_key_id = signature.session_token, signature.access_key_id
        if token is None:
            raise invalid_token()
        scope = (signature.algorithm, signature.date, signature.region, signature.service)
        name = (token, access_key_id, *scope)
        kept = self._kept.get(name)
        if kept is not None and self._clock() < kept.until:
            verify(request, signature, kept.key)
            return kept.session
        until = self._clock() + SECONDS
        session = open_session(token, access_key_id, self._keeper)
        key = session_key(session, signature)
        verify(request, signature, key)
        self._kept[name] = _Opened(session, key, until)
        self._kept.move_to_end(name)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return session
