"""Other processes of an edge, which count requests; a module of its own, so that they start soon."""

import signal
from multiprocessing.connection import Connection
from pathlib import Path

from masugata.edge.rates import SharedRates

RULE = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/1/flood"


def count(directory: str, start: Connection, times: int) -> None:
    """Count so many requests when told to, and say how many were within the limit of 100."""
    rates = SharedRates(Path(directory))
    start.send("ready")
    start.recv()
    start.send(sum(rates.count(RULE, b"one", 600, 100) <= 100 for _ in range(times)))


def count_for_ever(directory: str, start: Connection) -> None:
    """Count requests of more keys than are tracked."""
    rates = SharedRates(Path(directory))
    start.send("ready")
    number = 0
    while True:
        rates.count(RULE, b"%d" % (number % 12_000), 600, 100)
        number += 1


def die_with_the_lock(directory: str, start: Connection) -> None:
    """Stand still in the middle of a count."""
    rates = SharedRates(Path(directory))
    rates.count(RULE, b"one", 600, 100)
    ((_, table),) = rates.tables()
    assert table._lock.acquire()
    start.send("ready")
    signal.pause()
