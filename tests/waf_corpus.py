"""Runs the default web ACL over the labelled requests, and tells which rules refuse what.

    PYTHONPATH=src:tests python tests/waf_corpus.py [--misses N] [--false N] [--family F] [--source S] [--rule
    R]

The requests are in `shared/data/waf` beside the repository; what its README keeps out of it is shown, never
kept.
"""

import argparse
import base64
import gzip
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from masugata.engines.waf.decision import Decision
from masugata.engines.waf.environment import Environment, Location
from masugata.engines.waf.managed import managed_groups
from masugata.engines.waf.matching import NoDatabases
from masugata.engines.waf.plan import Plan, compile_plan
from masugata.engines.waf.request import WebRequest
from masugata.web_acl_documents import default_ruleset

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "data" / "waf" / "dev.jsonl.gz"
JUDGED = Path(__file__).parent / "vectors" / "waf-corpus" / "judged.tsv"
"""Attacks of the corpus that we judge harmless or broken: their numbers, families and why."""
HARD = "hard-"
"""Families of harmless requests that many sites want refused: they are counted apart."""
_NOW = datetime(2026, 11, 27, tzinfo=UTC)


class Labelled(NamedTuple):
    """A request of the corpus, with where it is from."""

    attack: bool
    family: str
    source: str
    record: dict[str, Any]
    request: WebRequest


class Tally:
    """Requests, and how many of them were refused."""

    def __init__(self) -> None:
        """None yet."""
        self.all = 0
        self.refused = 0

    def add(self, *, refused: bool) -> None:
        """One more."""
        self.all += 1
        self.refused += refused

    @property
    def share(self) -> float:
        """Of a hundred."""
        return 100 * self.refused / self.all if self.all else 0.0


def requests() -> Iterator[Labelled]:
    """Everything in the corpus."""
    with gzip.open(CORPUS, "rt") as lines:
        for line in lines:
            record = json.loads(line)
            body = (
                record["body"].encode() if record["body_enc"] == "utf8" else base64.b64decode(record["body"])
            )
            path, _, query = record["uri"].partition("?")
            headers = tuple(
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in record["headers"]
            )
            yield Labelled(
                record["label"] == "attack",
                record["family"],
                record["source"],
                record,
                WebRequest(
                    method=record["method"].encode(),
                    uri_path=path.encode("latin-1"),
                    query_string=query.encode("latin-1"),
                    headers=headers,
                    body=body,
                    body_size=len(body),
                ),
            )


def default_plan() -> Plan:
    """That of the web ACL `default`."""
    return compile_plan(default_ruleset(65_536), managed=managed_groups(), databases=NoDatabases())


class _Nobody:
    """Counts nothing, and knows no token and no place."""

    def locate(self, _: str) -> Location:
        return Location()

    def count(self, *_: object) -> int:
        return 0

    def state(self, *_: object) -> str:
        return "TOKEN_MISSING"

    def identity(self, _: object) -> None:
        return None


NOBODY = _Nobody()


def decide(plan: Plan, request: WebRequest) -> Decision:
    """What the plan says of it."""
    return plan.evaluate(request, Environment(NOBODY, NOBODY, NOBODY), _NOW)


class Outcome:
    """How the whole corpus fared."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.families: defaultdict[tuple[bool, str], Tally] = defaultdict(Tally)
        self.sources: defaultdict[tuple[bool, str], Tally] = defaultdict(Tally)
        self.rules: defaultdict[bool, Counter[str]] = defaultdict(Counter)
        self.judged = {line.split("\t")[0] for line in JUDGED.read_text().splitlines()}
        self.unjudged: defaultdict[str, Tally] = defaultdict(Tally)
        self.attacks = Tally()
        self.harmless = Tally()
        self.slowest = 0.0

    def add(self, labelled: Labelled, decision: Decision, seconds: float) -> None:
        """One request."""
        refused = decision.action != "ALLOW"
        self.families[labelled.attack, labelled.family].add(refused=refused)
        self.sources[labelled.attack, labelled.source].add(refused=refused)
        if labelled.attack:
            self.attacks.add(refused=refused)
            if labelled.record["id"] not in self.judged:
                self.unjudged[labelled.family].add(refused=refused)
        elif not labelled.family.startswith(HARD):
            self.harmless.add(refused=refused)
        if decision.terminating is not None and refused:
            self.rules[labelled.attack][str(decision.terminating.rule_in_group)] += 1
        self.slowest = max(self.slowest, seconds)


def _say(*texts: object) -> None:
    sys.stdout.write(" ".join(map(str, texts)) + "\n")


def show(outcome: Outcome) -> None:
    """The table."""
    for kind, tallies in (("family", outcome.families), ("source", outcome.sources)):
        for (attack, name), tally in sorted(tallies.items(), key=lambda item: (not item[0][0], item[0][1])):
            word = "attack" if attack else "harmless"
            _say(f"{kind:7} {word:9} {name:34} {tally.refused:6} of {tally.all:6} {tally.share:7.2f} %")
    for name, tally in outcome.unjudged.items():
        if tally.all < outcome.families[True, name].all:
            _say(f"without the judged {name:9} {tally.refused:6} of {tally.all:6} {tally.share:7.2f} %")
    for attack in (True, False):
        _say(
            "refused by, of", "attacks:" if attack else "harmless:", dict(outcome.rules[attack].most_common())
        )
    _say(f"attacks refused {outcome.attacks.share:.2f} %, harmless refused {outcome.harmless.share:.2f} %")
    _say(f"slowest {1000 * outcome.slowest:.2f} ms of CPU")


def _tell(labelled: Labelled, decision: Decision) -> None:
    record = labelled.record
    why = decision.terminating
    reasons = (why.rule_in_group, *(d.matched_data for d in why.details)) if why is not None else ()
    _say(labelled.source, labelled.family, record["id"], record["uri"][:300], record["body"][:300], reasons)
    _say(
        "   ",
        [
            value
            for name, value in record["headers"]
            if name.lower() in {"cookie", "referer", "user-agent", "x-forwarded-for"}
            or name.lower().startswith("x-")
        ],
    )


def main() -> None:
    """Evaluate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--misses", type=int, default=0, help="attacks that pass to show")
    parser.add_argument("--false", type=int, default=0, dest="false", help="harmless refusals to show")
    parser.add_argument("--family")
    parser.add_argument("--source")
    parser.add_argument("--rule")
    options = parser.parse_args()
    if not CORPUS.exists():
        sys.exit(f"`{CORPUS}` is not there")
    plan, outcome = default_plan(), Outcome()
    wrong: list[tuple[Labelled, Decision]] = []
    for labelled in requests():
        if (options.family or labelled.family) != labelled.family or (
            options.source or labelled.source
        ) != labelled.source:
            continue
        start = time.thread_time()
        decision = decide(plan, labelled.request)
        outcome.add(labelled, decision, time.thread_time() - start)
        if labelled.attack == (decision.action == "ALLOW"):
            wrong.append((labelled, decision))
    show(outcome)
    chance = random.Random(7)
    for attack, most in ((True, options.misses), (False, options.false)):
        chosen = [
            (one, decision)
            for one, decision in wrong
            if one.attack == attack
            and (
                attack or options.rule in {None, decision.terminating and decision.terminating.rule_in_group}
            )
        ]
        for labelled, decision in chance.sample(chosen, min(most, len(chosen))):
            _tell(labelled, decision)


if __name__ == "__main__":
    main()
