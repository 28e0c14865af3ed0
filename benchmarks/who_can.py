"""Who may do what: for 10,000 principals x 1,000 actions x 1,000 resources, and one question to an account.

The matrix decides all ten thousand million cells on one core, each for certain and as far as possible
(`_who_can_world.py` says what the policies are like). 10,000 of them are decided by the engine too, under
every mixture of what is unknown: a cell that is certain must be allowed under all, one that is not possible
under none. 10,000 cells of a second matrix, in which nothing is unknown, must be the engine's own decisions.
One that differs ends the benchmark. The ratio is the cost of a decision over that of a cell.

Then the account: 1,000 users and roles, 200 customer managed policies and 50 groups, read from a file as
`aws iam get-account-authorization-details` writes it; each question names another action and resource, the
first meets policies that nobody has compiled yet.

    python benchmarks/who_can.py [--json]
"""

import json
import random
import resource
import statistics
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import _who_can_world as workload
from _http import report

from masugata.authorization.accounts import view_of_exports
from masugata.authorization.reach.who_can import who_can
from masugata.cli._account import read_export
from masugata.engines.policy import (
    Policies,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    compile_policy,
    decide,
)
from masugata.engines.policy.matrix import Access, Facts, Matrix, Resource, Subject, Verdict

PRINCIPALS, RESOURCES, SAMPLED = 10_000, 1_000, 10_000
LIMIT, ACCOUNT_LIMIT = 30.0, 0.2
QUESTIONS = 21
UNKNOWN: dict[str, tuple[str | None, ...]] = {
    "aws:MultiFactorAuthPresent": ("true", None),
    "aws:SourceIp": ("10.1.2.3", "203.0.113.9", None),
    "aws:RequestedRegion": ("eu-west-1", "ap-northeast-1", None),
}
CONTEXTS = [
    {key: value for key, value in zip(UNKNOWN, values, strict=True) if value is not None}
    for values in product(*UNKNOWN.values())
]


class Bound(NamedTuple):
    """The world as both engines take it."""

    subjects: list[Subject]
    resources: list[Resource]
    known: dict[int, dict[str, str]]

    def decide(self, subject: Subject, action: str, asked: Resource, context: dict[str, str]) -> bool:
        """The engine's decision on one cell."""
        policies = Policies(
            subject.identity, subject.boundary, None, asked.policy, subject.scp, resource_type=asked.type
        )
        context = self.known[id(subject)] | context
        return decide(policies, Request(subject.principal, action, asked.arn, asked.account, context)).allowed


def compiled(type_: PolicyType, document: workload.Document, name: str) -> PolicySet:
    """One policy, from its text."""
    return PolicySet(type_, [compile_policy(json.dumps(document), type_, name)])


def bound(world: workload.World, context: dict[str, str] | None = None) -> Bound:
    """The world; with a context nothing is unknown."""
    policies = [
        compiled(PolicyType.IDENTITY, document, f"policy/{n}").policies[0]
        for n, document in enumerate(world.policies)
    ]
    boundaries = [compiled(PolicyType.BOUNDARY, d, f"boundary/{n}") for n, d in enumerate(world.boundaries)]
    scps = tuple(compiled(PolicyType.SCP, level[0], f"scp/{n}") for n, level in enumerate(world.scps))
    subjects, known = [], {}
    for person in world.principals:
        facts = {"aws:username": person.name, "aws:PrincipalTag/team": person.team}
        subject = Subject(
            Principal("user", person.arn, workload.ACCOUNT, unique_id=f"AIDA{person.name.upper()}"),
            PolicySet(PolicyType.IDENTITY, [policies[number] for number in person.policies]),
            None if person.boundary is None else boundaries[person.boundary],
            scp=scps,
            facts=Facts(facts) if context is None else Facts(facts | context, ("",)),
        )
        subjects.append(subject)
        known[id(subject)] = facts
    resources = [
        Resource(
            arn,
            workload.ACCOUNT,
            compiled(PolicyType.RESOURCE, world.resource_policies[arn], arn)
            if arn in world.resource_policies
            else None,
        )
        for arn in world.resources
    ]
    return Bound(subjects, resources, known)


def sampled(matrix: Matrix, access: Access, source: random.Random) -> tuple[str, Resource]:
    """An action and a resource of chance; every second time one that is possible, if there is any."""
    action = source.choice(workload.ACTIONS)
    some = list(matrix.allowed(access, action)) if source.random() < 0.5 else []
    return action, source.choice(some)[0] if some else source.choice(matrix.resources)


def check_bounds(made: Bound, matrix: Matrix, cells: list[tuple[Access, str, Resource]]) -> dict[str, int]:
    """The engine's decisions must be within the matrix's bounds; how many of each verdict there were."""
    tally = dict.fromkeys(("no", "possible", "possible, and the engine says both", "certain"), 0)
    for access, action, asked in cells:
        verdict = matrix.verdict(access, action, asked.arn)
        allowed = {made.decide(access.subjects[0], action, asked, context) for context in CONTEXTS}
        if (verdict is Verdict.CERTAIN and False in allowed) or (verdict is Verdict.NO and True in allowed):
            raise SystemExit(f"{access.subjects[0].principal.arn} {action} {asked.arn}: {verdict}, {allowed}")
        tally[verdict.value] += 1
        tally["possible, and the engine says both"] += verdict is Verdict.POSSIBLE and len(allowed) == 2
    return tally


def check_exactly(world: workload.World) -> int:
    """Where nothing is unknown, each of many cells is the engine's decision; how many are allowed."""
    context = {"aws:MultiFactorAuthPresent": "true", "aws:RequestedRegion": "eu-west-1"}
    made = bound(world._replace(principals=world.principals[:500]), context)
    matrix = Matrix(made.subjects, workload.ACTIONS, made.resources)
    source, allowed = random.Random(2), 0  # noqa: S311  # nothing secret
    accesses = list(matrix.accesses())
    for number in range(SAMPLED):
        access = accesses[number % len(accesses)]
        action, asked = sampled(matrix, access, source)
        expected = made.decide(access.subjects[0], action, asked, context)
        verdict = matrix.verdict(access, action, asked.arn)
        if verdict is not (Verdict.CERTAIN if expected else Verdict.NO):
            raise SystemExit(
                f"{access.subjects[0].principal.arn} {action} {asked.arn}: {verdict}, {expected}"
            )
        allowed += expected
    return allowed


def whole() -> dict[str, Any]:
    """All cells, and the price of one beside a decision's."""
    world = workload.make(PRINCIPALS, RESOURCES)
    made = bound(world)
    source = random.Random(1)  # noqa: S311  # nothing secret
    cells: list[tuple[Access, str, Resource]] = []
    certain = possible = groups = 0
    start = time.perf_counter()
    matrix = Matrix(made.subjects, workload.ACTIONS, made.resources)
    accesses = matrix.accesses()
    seconds = time.perf_counter() - start
    while True:
        start = time.perf_counter()
        access = next(accesses, None)
        if access is not None:
            certain += sum(map(int.bit_count, access.certain.values())) * len(access.subjects)
            possible += sum(map(int.bit_count, access.possible.values())) * len(access.subjects)
        seconds += time.perf_counter() - start
        if access is None:
            break
        groups += 1
        while len(cells) * PRINCIPALS < SAMPLED * groups and len(cells) < SAMPLED:
            cells.append((access, *sampled(matrix, access, source)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tally = check_bounds(made, matrix, cells)
    start = time.perf_counter()
    for access, action, asked in cells:
        made.decide(access.subjects[0], action, asked, CONTEXTS[0])
    decision = (time.perf_counter() - start) / len(cells)
    count = PRINCIPALS * len(workload.ACTIONS) * RESOURCES
    return {
        "seconds": seconds,
        "cells": count,
        "groups": groups,
        "certain": certain,
        "possible": possible,
        "mib": memory,
        "sampled": tally,
        "sampled where nothing is unknown": {"cells": SAMPLED, "allowed": check_exactly(world)},
        "decision": decision,
        "cell": seconds / count,
        "ratio": decision / (seconds / count),
    }


def account() -> dict[str, float]:
    """Seconds to read an account, and of the first and of later questions to it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "account.json"
        path.write_text(json.dumps(workload.export()), "utf-8")
        start = time.perf_counter()
        view = view_of_exports([read_export(path)])
        loaded = time.perf_counter() - start
    source = random.Random(3)  # noqa: S311  # nothing secret
    times, holders = [], 0
    for _ in range(QUESTIONS):
        action, arn = source.choice(workload.ACTIONS), workload.arn(source.randrange(RESOURCES))
        start = time.perf_counter()
        found = who_can(view, action, arn)
        times.append(time.perf_counter() - start)
        holders += len(found.direct) + len(found.through_roles)
    return {
        "load": loaded,
        "first": times[0],
        "median": statistics.median(times[1:]),
        "longest": max(times[1:]),
        "holders": holders / QUESTIONS,
    }


def main() -> None:
    """Measure both and print them."""
    cells, asked = whole(), account()
    report(
        {**cells, "account": asked, "limits": {"seconds": LIMIT, "account": ACCOUNT_LIMIT}},
        [
            f"{cells['cells']:,} cells in {cells['seconds']:.1f} s on one core (limit {LIMIT:.0f} s),"
            f" {cells['mib']:.0f} MiB at most",
            f"  {cells['certain']:,} certain, {cells['possible']:,} possible, {cells['groups']:,} groups",
            f"  a decision of the engine costs {cells['decision'] * 1e6:.1f} us, a cell"
            f" {cells['cell'] * 1e9:.2f} ns: ratio {cells['ratio']:,.0f}",
            f"  sampled and within bounds: {cells['sampled']}",
            f"  sampled and equal: {cells['sampled where nothing is unknown']}",
            f"one who-can among {workload.ACCOUNT_PRINCIPALS} principals (limit {ACCOUNT_LIMIT * 1e3:.0f} ms),"
            f" {asked['holders']:.0f} found on average",
            f"  first {asked['first'] * 1e3:.0f} ms, later median {asked['median'] * 1e3:.0f} ms,"
            f" longest {asked['longest'] * 1e3:.0f} ms; reading the account {asked['load'] * 1e3:.0f} ms",
        ],
    )


if __name__ == "__main__":
    main()
