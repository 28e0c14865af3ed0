"""`kms:TrailingDaysWithoutKeyUsage`, of which the store alone knows, and no record.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from typing import TYPE_CHECKING, Final

import msgspec

from masugata.authorization.access import ContextValue
from masugata.identity.caller import Caller
from masugata.records.kms import InvalidKeyNameError, Key, find_key, parse_key_name
from masugata.store import Records

if TYPE_CHECKING:
    from masugata.gateway.exchange import Exchange

_KEY: Final = "kms:TrailingDaysWithoutKeyUsage"
_OPERATIONS: Final = frozenset({("kms", "DisableKey"), ("kms", "ScheduleKeyDeletion")})


def unused_days(exchange: "Exchange", caller: Caller, records: Records) -> dict[str, ContextValue]:
    """For how many whole days the key of a request was not used, since its creation if it never was.

    A key that is not there, or whose last use cannot be read, counts as used today.
    """
    if (exchange.route.service, exchange.route.operation) not in _OPERATIONS:
        return {}
    try:
        named = parse_key_name(str(exchange.request.get("KeyId")), caller.account, exchange.region)
    except InvalidKeyNameError:
        return {_KEY: "0"}
    own = named.account == caller.account  # of others' keys nobody may learn by a policy of one's own
    key = find_key(records, named, exchange.region) if own else None
    return {_KEY: "0" if key is None else str(_days(exchange, key))}


def _days(exchange: "Exchange", key: Key) -> int:
    from masugata.services.kms._last_usage import LastUsage, usage_name  # noqa: PLC0415  few gateways need it

    used = key.creation_date
    noted = exchange.gateway.store.touched(usage_name(key))
    if noted is not None:
        try:
            used = msgspec.json.decode(noted, type=LastUsage).time
        except msgspec.DecodeError:
            return 0
    return max(0, (exchange.now - used).days)
