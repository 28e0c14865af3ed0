"""One request on its way through the gateway: authenticate, parse, authorize, operate, record, serialize."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import msgspec

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.access import ContextValue
from masugata.authorization.context import request_context
from masugata.call import Call, Identify, Operation, Pool, Prepare, SlowError, unless_slow
from masugata.errors import AwsError
from masugata.gateway.answered import Answered
from masugata.gateway.by_service import ByService, make_managed_key, missing_managed_key, through
from masugata.gateway.failures import as_aws_error
from masugata.gateway.further import Further
from masugata.gateway.key_usage import unused_days
from masugata.gateway.parts import Parts
from masugata.gateway.recording import event, events, touch
from masugata.identity.caller import IDENTITY_PROVIDERS, Caller, service_caller
from masugata.identity.mfa import second_factor
from masugata.identity.services import ServicePrincipal
from masugata.records.account import ACCOUNT
from masugata.services import GLOBAL_REGION, GLOBAL_SERVICES, NOT_BUILT, SERVICES
from masugata.store import (
    EventRow,
    Records,
    Snapshot,
    Transaction,
)
from masugata.wire import (
    Codec,
    HttpRequest,
    HttpResponse,
    Route,
    codec,
    load_service,
    not_implemented,
    serialize_error,
)

_log = logging.getLogger(__name__)

MESSAGE_HEADER = "x-masugata-authorization-message"


class Exchange:
    """One request and what has been found out about it so far.

    `event_id` is of the event that the caller's account will have of it.
    """

    def __init__(
        self,
        gateway: Parts,
        http: HttpRequest,
        found: Route,
        request_id: str,
        by: ByService = None,
        newest: Callable[[], Snapshot] | None = None,
    ) -> None:
        self.gateway = gateway
        self._by = by
        self._newest = newest or gateway.store.snapshot
        self.http = http
        self.route = found
        self.request_id = request_id
        self.now = gateway.clock()
        self.event_id = gateway.new_event_id(self.now)
        self.operation: Operation | None = SERVICES[found.service].get(found.operation)
        self.region = GLOBAL_REGION
        self.request: dict[str, Any] = {}
        self.context: dict[str, ContextValue] = {}
        self.caller: Caller | None = None
        self.error: AwsError | None = None
        self.prepared: Any = None
        self.call: Call | None = None

    def run(self) -> "Future[HttpResponse]":
        """The whole way; the future is done once the answer may leave."""
        try:
            snapshot = self._newest()
            if (identify := self._identify()) is not None:
                return self._unsigned(identify, snapshot)
            caller = self.caller = self._authenticate(snapshot)
        except Exception as error:  # noqa: BLE001  the last line of defence: log all, say nothing
            return answered(self._fail(error))
        return self._admitted(caller, snapshot)

    def _admitted(self, caller: Caller, snapshot: Snapshot) -> "Future[HttpResponse]":
        """What follows once the caller is known; a refusal from here on is recorded."""
        try:
            return self._operate(caller, snapshot)
        except AwsError as error:
            return self._refuse_and_record(caller, error)
        except Exception as error:  # noqa: BLE001
            return answered(self._fail(error))

    def _operate(self, caller: Caller, snapshot: Snapshot) -> "Future[HttpResponse]":
        """Parse and authorize, then do the operation in the lane where it belongs."""
        if self.operation is None:
            service, operation = self.route.service, self.route.operation
            raise not_implemented(service, operation, NOT_BUILT.get(service, {}).get(operation))
        if not self.request:
            self.request = self._codec().parse(self.http)
        if alias := missing_managed_key(self.route, self.request, caller, self.region, snapshot):
            made = make_managed_key(self.gateway, alias, caller, self.region, self.now)
            return self._after(made, lambda _: self._operate(caller, self.gateway.store.snapshot()), caller)
        if not self._brings_code():
            self._authorize(caller, snapshot)
        if self.operation.prepare is not None:
            return self._prepare(self.operation, self.operation.prepare, caller, snapshot)
        if self.operation.writes:
            return self._committed(self._write(self.operation, caller))
        if self.operation.slow is not None and (pool := self.operation.slow(self.request)) is not None:
            return self._read_slowly(self.operation, pool, caller, snapshot)
        return self._read(self.operation, caller, snapshot)

    def _authenticate(self, snapshot: Snapshot) -> Caller:
        if isinstance(self._by, ServicePrincipal):
            if self.route.service not in GLOBAL_SERVICES:
                self.region = self._by.region
            return service_caller(self._by)
        signing_name = load_service(self.route.service).signing_name
        caller, signature = self.gateway.authenticator.authenticate(
            self.http, signing_name, snapshot, self.now
        )
        if self.route.service not in GLOBAL_SERVICES:
            self.region = signature.region
        touch(self, caller)
        return through(caller, self._by, signature.region)

    def _identify(self) -> Identify | None:
        """How the caller of an operation that nobody signs is found, None for all others.

        Both must say so, AWS's model and our table: nothing else goes without a signature.
        """
        if self.operation is None or self.operation.identify is None:
            return None
        model = load_service(self.route.service).operation(self.route.operation)
        return self.operation.identify if model.unsigned else None

    def _unsigned(self, identify: Identify, snapshot: Snapshot) -> "Future[HttpResponse]":
        """Find out in the pool who is vouched for, then go on as with everybody.

        As with a wrong signature, nothing is recorded of whoever is not vouched for.
        """
        self.region = self.gateway.region
        self.request = self._codec().parse(self.http)
        answer: Future[HttpResponse] = Future()

        def go_on(done: "Future[Caller]") -> None:
            try:
                caller = self.caller = done.result()
            except Exception as error:  # noqa: BLE001  as in `run`: log all, say nothing
                following = answered(self._fail(error))
            else:
                following = self._admitted(caller, snapshot)
            following.add_done_callback(lambda last: answer.set_result(last.result()))

        verifier, now = self.gateway.verifier, self.now
        waits = self.operation is not None and self.operation.waits
        pool = self.gateway.issuers if waits else self.gateway.identification
        account = _named_account(self.request.get("RoleArn"), snapshot)
        work = pool.submit(account, lambda: identify(verifier, self.request, snapshot, now))
        work.add_done_callback(go_on)
        return answer

    def _authorize(self, caller: Caller, records: Records) -> None:
        self.context = request_context(self.http, caller, self.region, self.now, records)
        self.context |= unused_days(self, caller, records)
        self.gateway.authorizer.authorize_operation(
            self.route.service,
            self.route.operation,
            self.request,
            caller,
            self.context,
            records,
            self.region,
        )

    def _prepare(
        self, operation: Operation, prepare: Prepare, caller: Caller, snapshot: Snapshot
    ) -> "Future[HttpResponse]":
        """Slow work first, in a thread of the pool, then the operation; nobody else waits for it."""
        pool = Pool.PREPARATION
        if operation.slow is not None:
            pool = operation.slow(self.request) or pool
        call = self._call(caller, snapshot, None, pool)

        def go_on(prepared: Any) -> "Future[HttpResponse]":
            self.prepared = prepared
            if operation.writes:
                return self._committed(self._write(operation, caller))
            return self._read(operation, caller, snapshot)

        work = self.gateway.pools[pool].submit(caller.account, lambda: prepare(call, self.request))
        return self._after(work, go_on, caller)

    def _read_slowly(
        self, operation: Operation, pool: Pool, caller: Caller, snapshot: Snapshot
    ) -> "Future[HttpResponse]":
        """The whole operation in a thread of the pool for it, on the state when its turn has come."""

        def work() -> tuple[Call, Snapshot, Mapping[str, Any] | SlowError]:
            current, records = caller, self.gateway.store.snapshot()
            if records.revision != snapshot.revision:
                current = self._confirm(caller, records)
                self._authorize(current, records)
            call = self._call(current, records, None, pool)
            return call, records, unless_slow(operation.handler, call, self.request)

        def go_on(found: tuple[Call, Snapshot, Mapping[str, Any] | SlowError]) -> "Future[HttpResponse]":
            call, records, output = found
            if isinstance(output, SlowError):
                return self._read_slowly(operation, output.pool, call.caller, records)
            return self._answer_read(operation, caller, call, output)

        return self._after(self.gateway.pools[pool].submit(caller.account, work), go_on, caller)

    def _after(
        self, work: "Future[Any]", go_on: "Callable[[Any], Future[HttpResponse]]", caller: Caller
    ) -> "Future[HttpResponse]":
        """What `go_on` makes of the work's result; if it fails, the refusal, recorded."""
        answer: Future[HttpResponse] = Future()

        def finish(done: "Future[Any]") -> None:
            try:
                following = go_on(done.result())
            except AwsError as error:
                following = self._refuse_and_record(caller, error)
            except Exception as error:  # noqa: BLE001  as in `run`: log all, say nothing
                following = answered(self._fail(error))
            following.add_done_callback(lambda last: answer.set_result(last.result()))

        work.add_done_callback(finish)
        return answer

    def _read(self, operation: Operation, caller: Caller, snapshot: Snapshot) -> "Future[HttpResponse]":
        call = self._call(caller, snapshot, None)
        output = unless_slow(operation.handler, call, self.request)
        if isinstance(output, SlowError):
            return self._read_slowly(operation, output.pool, caller, snapshot)
        return self._answer_read(operation, caller, call, output)

    def _answer_read(
        self, operation: Operation, caller: Caller, call: Call, output: Mapping[str, Any]
    ) -> "Future[HttpResponse]":
        answer = self._codec().serialize(output, self.request_id)
        rows = events(self, caller, call, output)
        if operation.durable:
            return self._recorded(rows, answer)
        for row in rows:
            self.gateway.store.record_event(row)
        return answered(answer)

    def _recorded(self, rows: Sequence[EventRow], answer: HttpResponse) -> "Future[HttpResponse]":
        """The answer, once these events are durable."""
        record = self.gateway.recorder
        if record is not None and record(rows):
            return answered(answer)
        return self._committed(self.gateway.store.record_durably(rows, answer))

    def _write(self, operation: Operation, caller: Caller) -> "Future[HttpResponse]":
        """A mutating call runs in the writer, judged again on the state that it will change."""

        def job(transaction: Transaction) -> HttpResponse:
            savepoint = transaction.savepoint()
            call: Call | None = None
            try:
                current = self._confirm(caller, transaction)
                if self._brings_code():
                    current = second_factor(current, self.request, transaction, self.gateway.keeper, self.now)
                self._authorize(current, transaction)
                call = self._call(current, transaction, transaction)
                output = operation.handler(call, self.request)
                answer = self._codec().serialize(output, self.request_id)
                for row in events(self, current, call, output):
                    transaction.emit(row)
            except AwsError as error:
                transaction.rollback(savepoint)
                transaction.emit(event(self, caller, call, error=error))
                return self._refuse(error)
            return answer

        return self.gateway.store.submit(job)

    def _brings_code(self) -> bool:
        """Whether an MFA code came along: it is to be spent, so the writer alone can judge the call."""
        names = ("SerialNumber", "TokenCode")
        return self.operation is not None and self.operation.mfa and any(n in self.request for n in names)

    def _confirm(self, caller: Caller, records: Records) -> Caller:
        """The same caller on a newer state, or AWS's error."""
        if caller.is_service:
            return caller
        confirmed = self._confirm_signer(caller, records)
        return msgspec.structs.replace(confirmed, via=caller.via) if caller.via else confirmed

    def _confirm_signer(self, caller: Caller, records: Records) -> Caller:
        if caller.kind in IDENTITY_PROVIDERS:
            return self.gateway.verifier.confirm(caller, records)
        return self.gateway.authenticator.confirm(caller, records)

    def _call(
        self, caller: Caller, records: Records, transaction: Transaction | None, pool: Pool | None = None
    ) -> Call:
        """What the handler is given; the context is that of `_authorize` on the same records."""
        further = Further(self, caller, records)
        self.call = Call(
            service=self.route.service,
            operation=self.route.operation,
            caller=caller,
            region=self.region,
            records=records,
            transaction=transaction,
            store=self.gateway.store,
            keeper=self.gateway.keeper,
            now=self.now,
            random=self.gateway.random,
            request_id=self.request_id,
            event_id=self.event_id,
            context=self.context,
            authorize=further.authorize,
            authorize_operation=further.authorize_operation,
            prepared=self.prepared,
            public_url=self.gateway.public_url,
            limits=self.gateway.limits,
            proxies=self.gateway.proxies,
            pool=pool,
        )
        return self.call

    def _refuse_and_record(self, caller: Caller, error: AwsError) -> "Future[HttpResponse]":
        """An error of an authenticated caller: recorded; a denial durably, before it is answered.

        So is what an operation says of its use of a key: that a MAC is wrong is an answer, too. What the
        operation had found until then is named, unless the caller may not learn of it.
        """
        try:
            refusal = event(self, caller, self.call if error.status != 403 else None, error=error)
            durable = self.operation is not None and self.operation.durable
            if error.status != 403 and not durable:
                self.gateway.store.record_event(refusal)
                return answered(self._refuse(error))
            return self._recorded([refusal], self._refuse(error))
        except Exception as failure:  # noqa: BLE001
            return answered(self._fail(failure))

    def _committed(self, committed: "Future[HttpResponse]") -> "Future[HttpResponse]":
        """The committed answer, or an error in the caller's protocol if the commit failed."""
        answer: Future[HttpResponse] = Future()

        def finish(done: "Future[HttpResponse]") -> None:
            error = done.exception()
            answer.set_result(done.result() if error is None else self._fail(error))

        committed.add_done_callback(finish)
        return answer

    def _codec(self) -> Codec:
        return codec(self.route.service, self.route.operation, self.route.protocol)

    def _refuse(self, error: AwsError) -> HttpResponse:
        """The error in the caller's protocol."""
        self.error = error
        answer = serialize_error(
            error, self.route.protocol, self.route.service, self.route.operation, self.request_id
        )
        if error.encoded_message is None:
            return answer
        header = (MESSAGE_HEADER, error.encoded_message)
        return msgspec.structs.replace(answer, headers=(*answer.headers, header))

    def _fail(self, error: BaseException) -> HttpResponse:
        """Anything that went wrong, in the caller's protocol."""
        return self._refuse(as_aws_error(error, self.request_id))


def _named_account(role_arn: str | None, records: Records) -> str:
    """The account in whose place of the queue a stranger waits; all for whom there is none share one."""
    try:
        account = parse_arn(role_arn or "").account
    except InvalidArnError:
        return ""
    return account if records.get(ACCOUNT, account, account) is not None else ""


def answered(response: HttpResponse) -> "Future[HttpResponse]":
    """A future that is done already."""
    return Answered(response)
