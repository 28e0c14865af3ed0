"""CPU microseconds that a web ACL of 60 managed rules takes for a request, beside one scan of its bytes.

The scan is Hyperscan's, of the request as one text for all hints at once: what cannot be had for less.
Medians over all rounds, after two rounds to warm up; both take turns.

    python benchmarks/waf_plan.py [--json]
"""

import json
import statistics
import sys
import time
from datetime import UTC, datetime

import _waf_rules as rules

from masugata.engines.waf.environment import Environment, Location
from masugata.engines.waf.matching import NoDatabases, Scan, choose_engine, hint_pattern
from masugata.engines.waf.plan import Plan, compile_plan
from masugata.engines.waf.request import WebRequest

ROUNDS = 30
CALLS = 200
NOW = datetime(2026, 11, 27, tzinfo=UTC)
REQUESTS = {"clean GET": rules.CLEAN, "clean POST of JSON": rules.POST, "attack": rules.ATTACK}


class World:
    """Knows nothing."""

    def locate(self, _: str) -> Location:
        """Nowhere."""
        return Location()


def raw_scan() -> Scan:
    """All hints in one database."""
    hints = [hint for detector in rules.FAMILIES.values() for hint in detector.hints]
    patterns = tuple(dict.fromkeys(hint_pattern(hint) for hint in hints))
    return choose_engine("hyperscan").compile(patterns, NoDatabases())


def text(request: WebRequest) -> bytes:
    """All bytes of it."""
    headers = b"\r\n".join(name + b": " + value for name, value in request.headers)
    return b"\r\n".join((request.method, request.uri_path, request.query_string, headers, request.body))


def measure(plan: Plan, scan: Scan, request: WebRequest) -> tuple[float, float]:
    """Median microseconds of the plan and of the scan."""
    world = World()
    environment = Environment(world, world, world)  # type: ignore[arg-type] # no rule counts or asks for tokens
    data = text(request)
    ours, theirs = [], []
    for number in range(ROUNDS + 2):
        start = time.thread_time_ns()
        for _ in range(CALLS):
            plan.evaluate(request, environment, NOW)
        middle = time.thread_time_ns()
        for _ in range(CALLS):
            scan(data)
        end = time.thread_time_ns()
        if number >= 2:
            ours.append((middle - start) / CALLS / 1000)
            theirs.append((end - middle) / CALLS / 1000)
    return statistics.median(ours), statistics.median(theirs)


def main() -> None:
    """Compile, measure, print."""
    plan = compile_plan(rules.ruleset(), managed=rules.groups(), databases=NoDatabases())
    scan = raw_scan()
    found = {}
    for name, request in REQUESTS.items():
        ours, theirs = measure(plan, scan, request)
        found[name] = {"plan": ours, "scan": theirs, "ratio": ours / theirs}
    if "--json" in sys.argv:
        print(json.dumps(found))
        return
    for name, row in found.items():
        print(f"{name:20} {row['plan']:8.1f} us   one scan {row['scan']:6.2f} us   {row['ratio']:6.1f}x")


if __name__ == "__main__":
    main()
