"""What a handler may know and do, and how operations and due work are listed.

A service is a folder of typed functions `(call, request) -> response` and one explicit table
`OPERATIONS`. Handlers never read the clock, the environment or another service's code: everything
they need is on the `Call`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple, Protocol

from masugata.identity.caller import Caller
from masugata.identity.federation import Verifier
from masugata.keeper import Keeper
from masugata.limits import LIMITS
from masugata.records.kind import Kind
from masugata.store import Records, Store, Transaction
from masugata.xks import Connections


class Authorize(Protocol):
    """Ask for a further permission; raises `AwsError` AccessDenied with its reason."""

    def __call__(
        self, action: str, resource: str, context: Mapping[str, str | list[str]] | None = None
    ) -> None: ...


class AuthorizeOperation(Protocol):
    """Ask whether the caller may do another operation of the service now; raises `AwsError` AccessDenied.

    It is judged as if it were called with this request, on the state of the call with what it has changed.
    """

    def __call__(
        self, operation: str, request: Mapping[str, Any], /, *, region: str | None = None
    ) -> None: ...


class Call:
    """One call in progress.

    `records` reads the state that the call was authorized on; `transaction` is the same with
    writing, for operations that change something (None for reading ones). `now` is an aware UTC
    datetime in whole microseconds, `random(n)` gives n random bytes. `prepared` is what the operation's
    `prepare` returned: it looked at an older state, so what may have changed since is checked again.
    `public_url` is where others reach this server, without a slash at the end; `limits` are those of
    `masugata.limits`, as they are here. `event_id` is of the event that the caller's account will have of it.
    `proxies` are the connections to external key stores; who needs one asks `wait_for_others` before.
    """

    __slots__ = (
        "_transaction",
        "account",
        "additional",
        "authorize",
        "authorize_operation",
        "caller",
        "context",
        "event_id",
        "keeper",
        "limits",
        "now",
        "operation",
        "partition",
        "pool",
        "prepared",
        "proxies",
        "public_url",
        "random",
        "records",
        "region",
        "request_id",
        "service",
        "shown",
        "store",
        "touched",
    )

    def __init__(
        self,
        *,
        service: str,
        operation: str,
        caller: Caller,
        region: str,
        records: Records,
        transaction: Transaction | None,
        store: Store,
        keeper: Keeper,
        now: datetime,
        random: Callable[[int], bytes],
        request_id: str,
        event_id: str,
        context: Mapping[str, str | list[str]],
        authorize: Authorize,
        authorize_operation: AuthorizeOperation,
        prepared: Any = None,
        public_url: str = "http://localhost:4566",
        limits: Mapping[str, int] = LIMITS,
        proxies: Connections | None = None,
        pool: "Pool | None" = None,
    ) -> None:
        self.service = service
        self.operation = operation
        self.caller = caller
        self.account = caller.account
        self.partition = caller.partition
        self.region = region
        self.records = records
        self._transaction = transaction
        self.store = store
        self.keeper = keeper
        self.now = now
        self.random = random
        self.request_id = request_id
        self.event_id = event_id
        self.context = context
        self.authorize = authorize
        self.authorize_operation = authorize_operation
        self.prepared = prepared
        self.public_url = public_url
        self.limits = limits
        self.proxies = proxies
        self.pool = pool
        self.touched: list[tuple[str, str]] = []
        self.additional: dict[str, str] = {}
        self.shown: dict[str, str] = {}

    @property
    def transaction(self) -> Transaction:
        """The open transaction of a mutating call; a reading operation must not ask for it."""
        if self._transaction is None:
            raise RuntimeError(f"`{self.service}:{self.operation}` is listed as reading but writes")
        return self._transaction

    def wait_for_others(self) -> Connections:
        """The connections to external key stores, where waiting for them holds nobody up.

        Elsewhere this raises `SlowError`, and the operation begins again, in the pool for it.
        """
        if self.pool is not Pool.NETWORK:
            raise SlowError(Pool.NETWORK)
        if self.proxies is None:
            raise RuntimeError("this call has no connections to external key stores")
        return self.proxies

    def touches(self, resource_type: str, name: str) -> None:
        """Name a resource for the event of this call, e.g. ("AWS::IAM::User", "alice")."""
        self.touched.append((resource_type, name))

    def tells(self, name: str, value: str) -> None:
        """Add a member to the `additionalEventData` of this call's event; never a secret."""
        self.additional[name] = value

    def shows(self, name: str, value: str) -> None:
        """Add a member to the `responseElements` of this call's event that its answer does not have."""
        self.shown[name] = value


class Pool(Enum):
    """Where work is done that others must not wait for, by how long it takes."""

    CRYPTOGRAPHY = "cryptography"
    """Milliseconds: a signature."""
    PREPARATION = "preparation"
    """Up to seconds: the generation of an RSA key."""
    NETWORK = "network"
    """Mostly waiting, for the proxy of an external key store."""


class SlowError(Exception):
    """An operation turned out to be slow once it had looked at its key: all of it is done again in `pool`."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool.value)
        self.pool = pool


Handler = Callable[[Call, Any], Mapping[str, Any]]
Prepare = Callable[[Call, Any], Any]
Slow = Callable[[Any], Pool | None]
Identify = Callable[[Verifier, Any, Records, datetime], Caller]


class Operation(NamedTuple):
    """One row of a service's `OPERATIONS`: the function, and whether it runs in the writer.

    `prepare` does the operation's slow work (argon2, RSA, fetching keys) before the handler runs, in a
    bounded pool and against a snapshot; what it returns is the handler's `call.prepared`. `mfa`: it takes
    a `SerialNumber` and `TokenCode`, which are part of who calls and verified before the call is judged.
    `identify` is for operations that nobody signs: it finds the caller in what the request brings, or
    raises `AwsError`. `waits`: it may have to wait for others on the network. `durable`: though it changes
    nothing its event is durable before the answer leaves. `slow` says of a request in which bounded pool all
    of it, or what `prepare` does, is to be done, or None for at once, or for where preparation is done.
    """

    handler: Handler
    writes: bool
    prepare: Prepare | None = None
    mfa: bool = False
    identify: Identify | None = None
    waits: bool = False
    durable: bool = False
    slow: Slow | None = None


def read(handler: Handler) -> Operation:
    """A reading operation: runs against the snapshot."""
    return Operation(handler, writes=False)


def slow_read(handler: Handler) -> Operation:
    """A reading operation that may take long: the whole of it is done in the bounded pool."""
    return Operation(handler, writes=False, slow=lambda _request: Pool.PREPARATION)


def durable_read(handler: Handler, slow: Slow | None = None) -> Operation:
    """An operation that changes nothing and of which the event counts: the use of a key.

    Of a request for which `slow` names a pool all is done there, so that nobody else waits for it; it is
    judged again if something has changed until its turn has come.
    """
    return Operation(handler, writes=False, durable=True, slow=slow)


def write(
    handler: Handler, prepare: Prepare | None = None, *, mfa: bool = False, slow: Slow | None = None
) -> Operation:
    """A mutating or credential-issuing operation: runs in the writer, durable before its answer.

    `slow` names the pool for what `prepare` does, if it is another one than that for preparation.
    """
    return Operation(handler, writes=True, prepare=prepare, mfa=mfa, slow=slow)


def unsigned(handler: Handler, identify: Identify, *, waits: bool = False) -> Operation:
    """An operation that issues credentials to whom an identity provider vouches for; nobody signs it.

    `identify(verifier, request, records, now)` runs in a bounded pool, before anybody is known.
    """
    return Operation(handler, writes=True, identify=identify, waits=waits)


def unless_slow(handler: Handler, call: Call, request: Any) -> "Mapping[str, Any] | SlowError":
    """What an operation answers, or that it has to be done elsewhere."""
    try:
        return handler(call, request)
    except SlowError as error:
        return error


MoveOn = Callable[[Transaction, datetime, Callable[[int], bytes], Mapping[str, int]], int]


class DueWork(NamedTuple):
    """Work that takes time: a state in records of `kinds` with a time at which it is moved on.

    `next_due(records, limits)` is the earliest of these times, or None; it is asked again only when one of
    the kinds has changed. `move_on(transaction, now, random, limits)` moves on what is due, some of it at
    a time, and says how much. Others may do the same at once, so it decides by the transaction alone.
    """

    kinds: tuple[Kind[Any], ...]
    next_due: Callable[[Records, Mapping[str, int]], datetime | None]
    move_on: MoveOn


class PreparedWork(NamedTuple):
    """Due work that needs the keeper, or takes too long for a transaction.

    `prepare(records, now, keeper, limits)` does that part of it for some of what is due, on a snapshot, and
    gives the `move_on` that is to follow; the rest is as with `DueWork`.
    """

    kinds: tuple[Kind[Any], ...]
    next_due: Callable[[Records, Mapping[str, int]], datetime | None]
    prepare: Callable[[Records, datetime, Keeper, Mapping[str, int]], MoveOn]
