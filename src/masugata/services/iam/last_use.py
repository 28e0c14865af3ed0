"""When something was last used, as the gateway notes it."""

from datetime import UTC, datetime

import msgspec

from masugata.call import Call
from masugata.errors import AwsError

NEVER = "N/A"


class LastUse(msgspec.Struct, frozen=True):
    """When, where and for which service; `date` in seconds since the epoch."""

    date: int
    region: str = NEVER
    service: str = NEVER

    @property
    def time(self) -> datetime:
        """The date as an aware time, UTC."""
        return datetime.fromtimestamp(self.date, UTC)


_decoder = msgspec.json.Decoder(LastUse)


def last_use(call: Call, key: str) -> LastUse | None:
    """The last use noted for `key`, or None; raises ServiceFailure if it cannot be read."""
    noted = call.store.touched(key)
    return None if noted is None else _read(key, noted)


def used_operations(call: Call, principal_id: str) -> dict[tuple[str, str], LastUse]:
    """The last use of each (service, operation) that a user, a role or the root user called."""
    prefix = f"used/{principal_id}/"
    found: dict[tuple[str, str], LastUse] = {}
    for key, noted in call.store.touched_under(prefix).items():
        service, _, operation = key.removeprefix(prefix).partition("/")
        found[service, operation] = _read(key, noted)
    return found


def _read(key: str, noted: bytes) -> LastUse:
    try:
        return _decoder.decode(noted)
    except msgspec.DecodeError:
        raise AwsError("ServiceFailure", f"the last use of `{key}` cannot be read", 500) from None
