"""Puts records without end and says which are acknowledged, until it is killed.

Job N of a process that was started with PREFIX puts the three things `PREFIX-N-0`, `-1` and `-2`,
deletes those of job N - 3, and emits the event `PREFIX-N`. Once it is durable, `PREFIX-N` is said
on stdout.
"""

import os
import sys
from threading import Semaphore

from masugata.store import open_store
from unit.store.things import KINDS, THING, Thing, event


def main():
    """Keep several jobs on their way."""
    store = open_store(sys.argv[1], KINDS)
    prefix = sys.argv[2]
    on_their_way = Semaphore(8)
    number = 0
    while True:
        on_their_way.acquire()

        def job(transaction, number=number):
            for part in range(3):
                name = f"{prefix}-{number}-{part}"
                transaction.put(THING, "1", Thing(name=name, serial=name, owners=(prefix,)))
                if number >= 3:
                    transaction.delete(THING, "1", f"{prefix}-{number - 3}-{part}")
            transaction.emit(event(number, event_id=f"{prefix}-{number}"))

        def acknowledge(future, number=number):
            future.result()
            os.write(1, f"{prefix}-{number}\n".encode())
            on_their_way.release()

        store.submit(job).add_done_callback(acknowledge)
        number += 1


if __name__ == "__main__":
    main()
