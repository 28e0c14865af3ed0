"""Limits on guessing passwords: after some wrong ones, each further one must wait.

Failures are counted in records, in the transaction that decides, so a limit binds all workers and
nodes. A name or an address falls into one of a fixed number of places by its hash: strangers can
fill no table, and a name that nobody has is limited like one that somebody has.

There is no lock-out. The longest wait is a minute, attempts made while waiting count for nothing,
and who comes from where the owner signed in last waits for failures from there alone.
"""

import ipaddress
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from masugata.errors import AwsError
from masugata.records.iam import FAILED_ATTEMPTS, FailedAttempts
from masugata.store import Records, Transaction

LONGEST_WAIT = 60
"""Seconds between two attempts, at most."""
FORGOTTEN_AFTER = 900
"""Seconds without a failure after which the earlier ones do not count."""

_FREE_FOR_ONE = 5
_FREE_FOR_SOURCE = 30
_NOBODY = ""
"""The partition of the counts: they belong to no account, for the names may be of none."""


class Limit(NamedTuple):
    """One count that an attempt adds to; `free` failures cost no wait."""

    place: str
    free: int


def limits(who: str, source_ip: str, *, familiar: bool = False) -> tuple[Limit, Limit]:
    """The two counts of an attempt: that of whose password it is, and that of where it comes from.

    `familiar` says that the owner signed in from there last: then strangers elsewhere cannot make it wait.
    """
    source = _network(source_ip)
    one = f"{who}\0{source}" if familiar else who
    return Limit(_place("owner", one), _FREE_FOR_ONE), Limit(_place("source", source), _FREE_FOR_SOURCE)


def check_limits(records: Records, of: tuple[Limit, ...], now: datetime) -> None:
    """Raise Throttling while one of the counts demands a wait."""
    moment = _milliseconds(now)
    for limit in of:
        failed = records.get(FAILED_ATTEMPTS, _NOBODY, limit.place)
        if failed is None or failed.count < limit.free:
            continue
        # A clock that was set back must not make anybody wait for the time that it lost.
        if abs(moment - failed.last) < 1000 * wait(failed.count, limit.free):
            raise AwsError("Throttling", "Rate exceeded", 400)


def count_failure(transaction: Transaction, of: tuple[Limit, ...], now: datetime) -> None:
    """Note a wrong password; no rollback to a savepoint undoes it."""
    moment = _milliseconds(now)
    for limit in of:
        failed = transaction.get(FAILED_ATTEMPTS, _NOBODY, limit.place)
        before = failed.count if failed and abs(moment - failed.last) < 1000 * FORGOTTEN_AFTER else 0
        counted = FailedAttempts(place=limit.place, count=before + 1, last=moment)
        transaction.put_lasting(FAILED_ATTEMPTS, _NOBODY, counted)


def forget_failures(transaction: Transaction, limit: Limit) -> None:
    """The owner is here: failures until now do not count. Those of a source stay."""
    if transaction.get(FAILED_ATTEMPTS, _NOBODY, limit.place) is not None:
        transaction.delete(FAILED_ATTEMPTS, _NOBODY, limit.place)


def wait(count: int, free: int) -> int:
    """Seconds to wait after the `count`-th failure: none for `free` ones less one, then doubling."""
    if count < free:
        return 0
    return min(1 << min(count - free, 16), LONGEST_WAIT)


def _milliseconds(now: datetime) -> int:
    return int(now.timestamp() * 1000)


def _place(sort: str, name: str) -> str:
    """One of 4,096 places of each sort."""
    return f"{sort}/{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:3]}"


def _network(source_ip: str) -> str:
    """Whoever has one IPv6 address has 2^64 of them."""
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return source_ip
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
