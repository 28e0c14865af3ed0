"""Another process on the same database: does what it is told on stdin, one answer a line.

put NAME SERIAL | delete NAME | count | revision | add TIMES
"""

import sys

from masugata.store import StoreError, open_store
from unit.store.things import COUNTER, KINDS, THING, Counter, Thing


def add(transaction):
    """Count one further."""
    counter = transaction.get(COUNTER, "1", "only") or Counter()
    transaction.put(COUNTER, "1", Counter(value=counter.value + 1))


def answer(store, verb, *arguments):
    """Do one command and say what came of it."""
    if verb == "put":
        thing = Thing(name=arguments[0], serial=arguments[1])
        store.submit(lambda t: t.put(THING, "1", thing)).result()
    elif verb == "delete":
        store.submit(lambda t: t.delete(THING, "1", arguments[0])).result()
    elif verb == "add":
        for future in [store.submit(add) for _ in range(int(arguments[0]))]:
            future.result()
    elif verb == "count":
        return store.snapshot().count(THING, "1")
    elif verb == "revision":
        return store.snapshot().revision
    return "done"


def main():
    """Serve until stdin ends."""
    store = open_store(sys.argv[1], KINDS)
    for line in sys.stdin:
        try:
            said = answer(store, *line.split())
        except StoreError as error:
            said = type(error).__name__
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()
    store.close()


if __name__ == "__main__":
    main()
