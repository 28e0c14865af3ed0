"""Who may do what: for 10,000 principals x 1,000 actions x 1,000 resources, and one question to an account.

The matrix decides all ten thousand million cells on one core, each for certain and as far as possible
(`_who_can_world.py` says what the policies are like). 10,000 of them are decided by the engine too, under
every mixture of what is unknown: a cell that is certain must be allowed under all, one that is not possible
under none. 10,000 cells of a second matrix, in which nothing is unknown, must be the engine's own decisions.
One that differs ends the benchmark. The ratio is the cost of a decision over that of a cell.

Times are of the process, that is of one core: what else the machine does is not counted.

Then the account: 1,000 users and roles, 200 customer managed policies and 50 groups, read from a file as
`aws iam get-account-authorization-details` writes it; each question names another action and resource, the
first meets policies whose statements nobody has looked at yet.

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
from masugata.authorization.reach.people import Population
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


Cell = tuple[Subject, str, Resource, Verdict]


def sampled(matrix: Matrix, access: Access, source: random.Random) -> Cell:
    """A cell of chance; every second time one that is possible, if there is any."""
    action = source.choice(workload.ACTIONS)
    some = list(matrix.allowed(access, action)) if source.random() < 0.5 else []
    asked = source.choice(some)[0] if some else source.choice(matrix.resources)
    return source.choice(access.subjects), action, asked, matrix.verdict(access, action, asked.arn)


def check_bounds(made: Bound, cells: list[Cell]) -> dict[str, int]:
    """The engine's decisions must be within the matrix's bounds; how many of each verdict there were."""
    tally = dict.fromkeys(("no", "possible", "possible, and the engine says both", "certain"), 0)
    for subject, action, asked, verdict in cells:
        allowed = {made.decide(subject, action, asked, context) for context in CONTEXTS}
        if (verdict is Verdict.CERTAIN and False in allowed) or (verdict is Verdict.NO and True in allowed):
            raise SystemExit(f"{subject.principal.arn} {action} {asked.arn}: {verdict}, {allowed}")
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
        subject, action, asked, verdict = sampled(matrix, accesses[number % len(accesses)], source)
        expected = made.decide(subject, action, asked, context)
        if verdict is not (Verdict.CERTAIN if expected else Verdict.NO):
            raise SystemExit(f"{subject.principal.arn} {action} {asked.arn}: {verdict}, {expected}")
        allowed += expected
    return allowed


def whole() -> dict[str, Any]:
    """All cells, and the price of one beside a decision's."""
    world = workload.make(PRINCIPALS, RESOURCES)
    made = bound(world)
    source = random.Random(1)  # noqa: S311  # nothing secret
    cells: list[Cell] = []
    certain = possible = groups = 0
    start = time.process_time()
    matrix = Matrix(made.subjects, workload.ACTIONS, made.resources)
    accesses = matrix.accesses()
    seconds = time.process_time() - start
    while True:
        start = time.process_time()
        access = next(accesses, None)
        if access is not None:
            certain += sum(map(int.bit_count, access.certain.values())) * len(access.subjects)
            possible += sum(map(int.bit_count, access.possible.values())) * len(access.subjects)
        seconds += time.process_time() - start
        if access is None:
            break
        groups += 1
        while len(cells) * PRINCIPALS < SAMPLED * groups and len(cells) < SAMPLED:
            cells.append(sampled(matrix, access, source))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tally = check_bounds(made, cells)
    start = time.process_time()
    for subject, action, asked, _ in cells:
        made.decide(subject, action, asked, CONTEXTS[0])
    decision = (time.process_time() - start) / len(cells)
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
        start = time.process_time()
        view = view_of_exports([read_export(path)])
        loaded = time.process_time() - start
    start = time.process_time()
    population = Population(view)
    prepared = time.process_time() - start
    source = random.Random(3)  # noqa: S311  # nothing secret
    times, holders = [], 0
    for _ in range(QUESTIONS):
        action, arn = source.choice(workload.ACTIONS), workload.arn(source.randrange(RESOURCES))
        start = time.process_time()
        found = who_can(population, action, arn)
        times.append(time.process_time() - start)
        holders += len(found.direct) + len(found.through_roles)
    return {
        "load": loaded,
        "prepare": prepared,
        "first": times[0],
        "median": statistics.median(times[1:]),
        "longest": max(times[1:]),
        "holders": holders / QUESTIONS,
    }


def main() -> None:
    """Measure both and print them."""
    asked, cells = account(), whole()  # the account first, in a process that holds little else
    ms = {name: f"{1000 * seconds:.0f} ms" for name, seconds in asked.items()}
    report(
        {**cells, "account": asked, "limits": {"seconds": LIMIT, "account": ACCOUNT_LIMIT}},
        [
            f"{cells['cells']:,} cells in {cells['seconds']:.1f} s (limit {LIMIT:.0f} s)",
            f"  {cells['mib']:.0f} MiB",
            f"  {cells['certain']:,} certain, {cells['possible']:,} possible, {cells['groups']:,} groups",
            f"  decision {cells['decision'] * 1e6:.1f} us, cell {cells['cell'] * 1e9:.2f} ns",
            f"  ratio {cells['ratio']:,.0f}",
            f"  sampled and within bounds: {cells['sampled']}",
            f"  sampled and equal: {cells['sampled where nothing is unknown']}",
            f"one question to an account of {workload.ACCOUNT_PRINCIPALS} (limit {ACCOUNT_LIMIT} s)",
            f"  first {ms['first']}, then median {ms['median']}, longest {ms['longest']}",
            f"  before the first: reading the file {ms['load']}, preparing {ms['prepare']}",
            f"  {asked['holders']:.0f} found on average",
        ],
    )


if __name__ == "__main__":
    main()
