"""What the event log says of a request on its way."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from masugata.call import Call, Operation
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.records.account import ACCOUNT
from masugata.store import EventRow
from masugata.trail import RecordedCall, cloudtrail_event, event_id_of

if TYPE_CHECKING:
    from masugata.gateway.exchange import Exchange

# CloudTrail counts AssumeRole as reading: it changes nothing but hands out credentials.
_READING = ("Assume", "Describe", "Decode", "Get", "List", "Lookup", "Simulate")


def events(exchange: "Exchange", caller: Caller, call: Call, output: Mapping[str, Any]) -> list[EventRow]:
    """The events of a call that succeeded: the caller's, and one for each other account it touched."""
    owners = {name.split(":", 5)[4] for _, name in call.touched if name.startswith("arn:")}
    if owners <= {caller.home}:
        return [event(exchange, caller, call, output)]
    owners.discard(caller.home)
    others = sorted(owner for owner in owners if call.records.get(ACCOUNT, owner, owner) is not None)
    if not others:
        return [event(exchange, caller, call, output)]
    shared = exchange.gateway.new_id()
    return [
        event(exchange, caller, call, output, recipient=account, shared=shared)
        for account in (caller.home, *others)
    ]


def event(
    exchange: "Exchange",
    caller: Caller,
    call: Call | None,
    output: Mapping[str, Any] | None = None,
    error: AwsError | None = None,
    *,
    recipient: str | None = None,
    shared: str | None = None,
) -> EventRow:
    """One event of a call, succeeded or refused."""
    operation = exchange.operation
    return cloudtrail_event(
        RecordedCall(
            service=exchange.route.service,
            operation=exchange.route.operation,
            caller=caller,
            region=exchange.region,
            now=exchange.now,
            http=exchange.http,
            request_id=exchange.request_id,
            event_id=(
                exchange.event_id
                if recipient is None
                else event_id_of(exchange.event_id, caller.home, recipient)
            ),
            read_only=_read_only(exchange.route.operation, operation),
            writes=operation is not None and operation.writes,
            request=exchange.request,
            response={**(output or {}), **call.shown} if call is not None and call.shown else output,
            error=error,
            resources=tuple(dict.fromkeys(call.touched)) if call is not None else (),
            additional=call.additional if call is not None else {},
            recipient=recipient,
            shared_event_id=shared,
        )
    )


def touch(exchange: "Exchange", caller: Caller) -> None:
    """Note the use of the access key, or of the role behind the session, and of the operation.

    An operation counts as accessed by whoever is authenticated, whatever becomes of the call.
    """
    service, operation, note = exchange.route.service, exchange.route.operation, exchange.gateway.note
    used = orjson.dumps(
        {"date": int(exchange.now.timestamp()), "region": exchange.region, "service": service}
    )
    note(f"used/{caller.issuer_id}/{service}/{operation}", used)
    if caller.session is None:
        note(f"access-key/{caller.access_key_id}", used)
    elif caller.kind is CallerKind.ROLE_SESSION:
        note(f"role/{caller.issuer_id}", used)


def _read_only(name: str, operation: Operation | None) -> bool:
    """What CloudTrail counts as reading: KMS's use of keys as well, which changes nothing."""
    return name.startswith(_READING) or (operation is not None and operation.durable)
