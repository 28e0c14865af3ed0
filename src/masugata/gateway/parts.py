"""What every call needs on its way: the store, the keeper, time and randomness, and who judges."""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from masugata.authorization.authorizer import Authorizer
from masugata.call import Pool
from masugata.gateway.observer import Observer
from masugata.gateway.preparation import WAITING_LIMIT, Preparation
from masugata.identity.authenticate import Authenticator
from masugata.identity.federation import Verifier
from masugata.keeper import Keeper
from masugata.limits import LIMITS
from masugata.store import EventRow, Store
from masugata.xks import Connections

_IDS_AT_ONCE = 64
_48_BITS = (1 << 48) - 1
_NOTED_LIMIT = 10_000
_SIGNATURES_WAITING = 2048

Recorder: TypeAlias = Callable[[Sequence[EventRow]], bool]


class Parts:
    """The parts of a gateway. `clock` gives aware UTC times, `random(n)` n random bytes.

    `region` is the one that a SigV4a signature for several counts for, and a request that nobody signs;
    `public_url` is where others reach the server. `private_issuers` are hosts of identity providers that
    may be at private addresses; `saml_audiences` is what this service is called in SAML, beside the names
    of AWS's sign-in. `recorder`, if there is one, waits until events are durable and says so, or says that
    it cannot: then each request does by itself. `limits` override those of `masugata.limits`.
    `private_xks_proxies` are hosts of proxies of external key stores that may be at private addresses,
    `xks_authority` is a file of certificates that proxies may have theirs from.
    """

    def __init__(
        self,
        store: Store,
        keeper: Keeper,
        *,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
        skew_seconds: int = 900,
        region: str = "us-east-1",
        observer: Observer | None = None,
        private_issuers: Collection[str] = (),
        saml_audiences: Collection[str] = (),
        public_url: str = "http://localhost:4566",
        limits: Mapping[str, int] | None = None,
        private_xks_proxies: Collection[str] = (),
        xks_authority: Path | None = None,
    ) -> None:
        self.store = store
        self.keeper = keeper
        self.clock = clock
        self.random = random
        self.region = region
        self.observer = observer
        self.public_url = public_url
        self.recorder: Recorder | None = None
        self.limits: Mapping[str, int] = {**LIMITS, **(limits or {})}
        self.authenticator = Authenticator(keeper, skew_seconds=skew_seconds, region=region)
        self.authorizer = Authorizer(keeper)
        self.verifier = Verifier(private_issuers=private_issuers, saml_audiences=saml_audiences)
        self._digits: deque[str] = deque()
        self._noted: dict[str, bytes] = {}
        self.preparation = Preparation()
        # Of their own: strangers must not hold up who waits for a password to be hashed, and who waits
        # for a slow issuer nobody else.
        self.identification = Preparation()
        self.proxies = Connections(private_xks_proxies, xks_authority)
        # Apart, so that seconds of key generation do not hold up a signature. More may wait for a
        # millisecond than for seconds: AWS, too, signs for hundreds of callers at once.
        self.pools = {
            Pool.CRYPTOGRAPHY: Preparation(waiting=_SIGNATURES_WAITING),
            Pool.PREPARATION: self.preparation,
            Pool.NETWORK: Preparation(WAITING_LIMIT),
        }
        self.issuers = Preparation(WAITING_LIMIT)

    def note(self, name: str, used: bytes) -> None:
        """Have a last use stored; the same within the same second only once."""
        if self._noted.get(name) == used:
            return
        self.store.touch(name, used)
        if len(self._noted) >= _NOTED_LIMIT:
            self._noted.clear()
        self._noted[name] = used

    def new_id(self) -> str:
        """A random UUID, for requests."""
        digits = self._random_digits()
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def new_event_id(self, now: datetime) -> str:
        """A UUID for an event, random behind the time in milliseconds: version 7 of RFC 9562.

        The event log's index of ids grows at its end then; each random one would take a page of its own.
        """
        time, digits = f"{int(now.timestamp() * 1000) & _48_BITS:012x}", self._random_digits()
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{time[:8]}-{time[8:]}-7{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def _random_digits(self) -> str:
        """32 hexadecimal digits.

        Random bytes are fetched for many at once: every request needs some, and each fetch is a system call
        that lets other threads in between.
        """
        while True:
            try:
                return self._digits.popleft()
            except IndexError:
                block = self.random(16 * _IDS_AT_ONCE).hex()
                self._digits.extend(block[at : at + 32] for at in range(0, len(block), 32))
