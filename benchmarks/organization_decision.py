"""Microseconds of a whole decision of the authorizer in a deep organization, beside the same without one.

What is decided is `_decide_workload.py`'s: 400 requests of a user with 100 identity statements, a boundary
and a resource's policy. In the organization the account is below three units, which makes five levels with
root and account, or below five, the deepest that may be; every level has four SCPs and three RCPs
(`_organization_world.py`). They take turns; medians over all requests of all rounds, after two rounds to
warm up, of finding all policies from the records and deciding (`engine_input` and `decide`), and of that
the part of `decide`, which is what `decide.py` measures.

Then 10,000 accounts are moved at once, by the record of the unit that they are in, and a policy is
attached to it: milliseconds until the first request after it is decided, in a process that has decided
for all of them before.

    python benchmarks/organization_decision.py [--json]
"""

import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import _decide_workload as workload
import _organization_world as world
from msgspec.structs import replace

from masugata.authorization.access import Access
from masugata.authorization.authorizer import engine_input
from masugata.authorization.guardrails import guardrails
from masugata.engines.policy import Decision, decide
from masugata.records.organizations import FULL_AWS_ACCESS, SERVICE_CONTROL_POLICY
from masugata.store import Records, Store, Transaction

ROUNDS = 20
LIMIT = 15.0  # microseconds
ACCOUNTS = 10_000
LIMIT_OF_CHANGES = 100.0  # milliseconds
Asked = list[tuple[Access, dict[str, Any]]]


def decided(access: Access, context: dict[str, Any], records: Records) -> Decision:
    """One decision, as the authorizer makes it."""
    return decide(*engine_input(world.ALICE, access, context, records))


def measure(records: Records, asked: Asked) -> tuple[list[int], list[int]]:
    """Nanoseconds of each decision, and of its part in the engine."""
    whole, engine = [], []
    for access, context in asked:
        start = time.perf_counter_ns()
        policies, request = engine_input(world.ALICE, access, context, records)
        found = time.perf_counter_ns()
        decide(policies, request)
        end = time.perf_counter_ns()
        whole.append(end - start)
        engine.append(end - found)
    return whole, engine


def kind(decision: Decision) -> str:
    """How it was decided."""
    if decision.allowed:
        return "allow"
    return f"{'explicit' if decision.explicit else 'implicit'} deny, {decision.level}"


def change(store: Store, request: tuple[Access, dict[str, Any]], job: Callable[[Transaction], None]) -> float:
    """Milliseconds from a change to the end of the first decision that it binds, as one of its accounts."""
    access, context = request
    for number in range(ACCOUNTS):
        guardrails(f"{number:012}", store.snapshot())
    member = replace(world.ALICE, account=f"{ACCOUNTS - 1:012}")
    start = time.perf_counter()
    store.submit(job).result()
    decision = decide(*engine_input(member, access, context, store.snapshot()))
    taken = (time.perf_counter() - start) * 1000
    if decision.level != "scp":
        raise SystemExit(f"the change did not bind the next request: {decision}")
    return taken


def main() -> None:
    """Measure all in turn and print medians and ratios."""
    made = workload.make(100)
    asked = world.requests(made)
    stores = {
        "five levels": world.open_world(made, units=3),
        "seven levels": world.open_world(made, units=5, accounts=ACCOUNTS),
        "no organization": world.open_world(made, units=None),
    }
    states = {name: store.snapshot() for name, store in stores.items()}
    times: dict[str, list[int]] = {name: [] for name in states}
    engine: dict[str, list[int]] = {name: [] for name in states}
    for number in range(ROUNDS + 2):
        for name, records in states.items():
            measure(records, asked)  # what is remembered of organizations is of one state at a time
            found = measure(records, asked)
            if number >= 2:
                times[name] += found[0]
                engine[name] += found[1]
    median = {name: statistics.median(found) / 1000 for name, found in times.items()}

    large = stores["seven levels"]
    denying: dict[str, tuple[str, ...]] = {SERVICE_CONTROL_POLICY: (FULL_AWS_ACCESS, world.DENY)}

    def move(transaction: Transaction) -> None:
        world.put_unit(transaction, world.BESIDE, world.DENYING, {})

    def attach(transaction: Transaction) -> None:
        world.put_unit(transaction, world.BESIDE, world.ROOT, denying)

    changes = {
        name: change(large, asked[0], job) for name, job in {"moved": move, "attached": attach}.items()
    }
    result: dict[str, Any] = {
        "microseconds": median,
        "of these in decide": {name: statistics.median(found) / 1000 for name, found in engine.items()},
        "ratio": {name: value / median["no organization"] for name, value in median.items()},
        "decisions": {
            name: Counter(kind(decided(*request, records)) for request in asked)
            for name, records in states.items()
        },
        f"milliseconds for {ACCOUNTS:,} accounts": changes,
        "load": os.getloadavg()[0],
        "cpus": os.cpu_count(),
    }
    if "--json" in sys.argv:
        print(json.dumps(result))
        return
    print(f"one whole decision, warm median (limit: {LIMIT:g} us)")
    for name, value in median.items():
        print(f"  {name:20} {value:8.1f} us, of these in decide {result['of these in decide'][name]:.1f} us")
    print(f"a unit of {ACCOUNTS:,} accounts, next request decided (limit: {LIMIT_OF_CHANGES:g} ms)")
    for name, value in changes.items():
        print(f"  {name:20} {value:8.1f} ms")
    for name in ("ratio", "decisions", "load", "cpus"):
        print(f"  {name}: {result[name]}")


if __name__ == "__main__":
    main()
