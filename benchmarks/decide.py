"""Microseconds of one decision, side by side with moto's evaluator and with Cedar (cedarpy).

One workload for all (`_decide_workload.py`): 100 identity statements in ten policies, three levels of
SCPs, a boundary and a resource policy; 400 different requests, allowed and denied in every way. Medians
over all decisions of all rounds, after two rounds to warm up; the engines take turns. moto judges the
identity policies only and without conditions; Cedar has everything, translated and prepared. Prints
also the same with 10,000 statements, and the first decision after a policy changed.

    python benchmarks/decide.py [--json]
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import _decide_workload as workload

from masugata.engines.policy import (
    Decision,
    Policies,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    compile_policy,
    decide,
)

ROOT = Path(__file__).parent.parent
HERE = Path(__file__).parent
ROUNDS = 5
PEERS = {"moto": 1, "cedarpy": 1}  # rounds of each turn
ALICE = Principal("user", workload.USER, workload.ACCOUNT, unique_id="AIDAALICE")


def policy_set(type_: PolicyType, *documents: workload.Document) -> PolicySet:
    """A set of documents, from their text."""
    found = [compile_policy(json.dumps(d), type_, f"{type_}/{n}") for n, d in enumerate(documents)]
    return PolicySet(type_, found)


def policies(made: workload.Workload) -> Policies:
    """All that binds the requests."""
    return Policies(
        policy_set(PolicyType.IDENTITY, *made.identity),
        boundary=policy_set(PolicyType.BOUNDARY, made.boundary),
        resource=policy_set(PolicyType.RESOURCE, made.resource),
        scp=tuple(policy_set(PolicyType.SCP, *level) for level in made.scp),
    )


def requests(made: workload.Workload) -> list[Request]:
    """The requests as the engine takes them."""
    return [Request(ALICE, r.action, r.resource, workload.ACCOUNT, r.context) for r in made.requests]


def ours(bound: Policies, asked: list[Request], rounds: int) -> list[int]:
    """Nanoseconds of every decision."""
    times = []
    for _ in range(rounds):
        for request in asked:
            start = time.perf_counter_ns()
            decide(bound, request)
            times.append(time.perf_counter_ns() - start)
    return times


def peer(name: str, statements: int, rounds: int) -> tuple[list[int], list[bool]]:
    """The same by another engine, in its own environment."""
    python = ROOT / f".venv-{name}/bin/python"
    if not python.exists():
        subprocess.run([ROOT / "scripts/env", "peer", name], check=True)
    command = [str(python), str(HERE / f"_decide_{name}.py"), str(statements), str(rounds)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found["times"], found["allowed"]


def first_touch(made: workload.Workload) -> float:
    """Microseconds from the text of one changed policy to the decision after it; the median of many."""
    bound = policies(made)
    kept = bound.identity.policies if bound.identity else ()
    times = []
    for request in requests(made)[:100]:
        start = time.perf_counter_ns()
        changed = compile_policy(json.dumps(made.identity[0]), PolicyType.IDENTITY, "changed")
        identity = PolicySet(PolicyType.IDENTITY, [changed, *kept[1:]])
        decide(Policies(identity, bound.boundary, None, bound.resource, bound.scp), request)
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1000


def kind(decision: Decision) -> str:
    """How it was decided."""
    return "allow" if decision.allowed else "explicit deny" if decision.explicit else "implicit deny"


def main() -> None:
    """Measure all in turn and print medians and ratios."""
    small, large = workload.make(100), workload.make(10_000)
    bound, asked = policies(small), requests(small)
    many, asked_many = policies(large), requests(large)
    ours(bound, asked, 2)
    ours(many, asked_many, 2)
    times: dict[str, list[int]] = {
        "masugata": [],
        "masugata, 10,000 statements": [],
        "moto": [],
        "cedarpy": [],
    }
    answers: dict[str, list[bool]] = {}
    for _ in range(ROUNDS):
        times["masugata"] += ours(bound, asked, 4)
        times["masugata, 10,000 statements"] += ours(many, asked_many, 4)
        for name, rounds in PEERS.items():
            found, answers[name] = peer(name, 100, rounds)
            times[name] += found
    median = {name: statistics.median(found) / 1000 for name, found in times.items()}
    decided = [decide(bound, request) for request in asked]
    agreeing = sum(a == d.allowed for a, d in zip(answers["cedarpy"], decided, strict=True))
    result = {
        "microseconds": median,
        "ratio": {name: median["masugata"] / median[name] for name in PEERS},
        "10,000 statements / 100": median["masugata, 10,000 statements"] / median["masugata"],
        "first touch, microseconds": first_touch(small),
        "decisions": Counter(map(kind, decided)),
        "cedarpy agrees": f"{agreeing} of {len(decided)}",
        "load": os.getloadavg()[0],
        "cpus": os.cpu_count(),
    }
    if "--json" in sys.argv:
        print(json.dumps(result))
        return
    print("one decision, warm median (limits: 10 us, and 3 x with 10,000 statements)")
    for name, value in median.items():
        print(f"  {name:30} {value:8.1f} us")
    for name in ("ratio", *list(result)[2:]):
        print(f"  {name}: {result[name]}")


if __name__ == "__main__":
    main()
