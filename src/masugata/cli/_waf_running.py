"""Many requests through one plan, in several processes if there are many; outcomes come in their order."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import msgspec

from masugata.cli._waf_cases import BadRecordError, Case
from masugata.cli._waf_default import managed_groups
from masugata.cli._waf_environment import offline_environment
from masugata.cli._waf_reading import Item, read_case
from masugata.engines.waf.decision import MatchDetail, RuleMatch
from masugata.engines.waf.definitions import Ruleset
from masugata.engines.waf.plan import compile_plan
from masugata.errors import MasugataError
from masugata.pattern_cache import PatternCache

DEFAULT = "Default_Action"
"""What AWS's log calls the rule that decided where none did."""
BATCH = 256
BATCH_BYTES = 1 << 20
WORTH_IT = 8
"""Batches from which on more processes are started."""
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_SHOWN = 2_000


class Job(NamedTuple):
    """What is asked about every request. `details`: what was found is wanted too."""

    ruleset: Ruleset
    cache: Path
    details: bool


class Hit(msgspec.Struct, frozen=True):
    """A rule that matched, what it did, and what was found where."""

    rule: str
    action: str
    details: tuple[MatchDetail, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record: an action, or an `error`; `hits` are the rules that matched."""

    file: str
    place: str
    id: str = ""
    action: str = ""
    rule: str = ""
    labels: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    label: str = ""
    family: str = ""
    source: str = ""
    target: str = ""
    error: str = ""

    @property
    def where(self) -> str:
        """File and line, and column where it takes that to tell records apart."""
        return f"{self.file}:{self.place}"

    @property
    def stopped(self) -> bool:
        """Whether the request did not go through."""
        return self.action != "ALLOW"


class Batch(NamedTuple):
    """Records of one file."""

    file: str
    items: tuple[Item, ...]


class Runner:
    """A plan and its world, in one process."""

    def __init__(self, job: Job) -> None:
        """Compiles; raises RulesetError and NoEngineError."""
        self._plan = compile_plan(job.ruleset, managed=managed_groups(), databases=PatternCache(job.cache))
        self._environment, self._rates = offline_environment()
        self._details = job.details

    def run(self, batch: Batch) -> list[Outcome]:
        """One outcome for each record, in order."""
        return [self._outcome(batch.file, item) for item in batch.items]

    def _outcome(self, file: str, item: Item) -> Outcome:
        try:
            case = read_case(item)
        except BadRecordError as error:
            return Outcome(file=file, place=item.place, error=str(error))
        self._rates.now = case.time
        decision = self._plan.evaluate(case.request, self._environment, case.time or _EPOCH)
        ended = decision.terminating
        hits = (*decision.counted, *((ended,) if ended is not None else ()))
        return Outcome(
            file=file,
            place=item.place,
            id=case.id or f"{file}:{item.place}",
            action=decision.action,
            rule=rule_name(ended) if ended is not None else DEFAULT,
            labels=decision.labels,
            hits=tuple([Hit(rule_name(m), m.action, m.details if self._details else ()) for m in hits]),
            label=case.label,
            family=case.family,
            source=case.source,
            target=_target(case) if self._details else "",
        )


def rule_name(match: RuleMatch) -> str:
    """A rule by its path: that of a group stands behind the rule of the web ACL that refers to the group."""
    return f"{match.rule}/{match.rule_in_group}" if match.rule_in_group is not None else match.rule


def _target(case: Case) -> str:
    request = case.request
    query = b"?" + request.query_string if request.query_string else b""
    return (request.method + b" " + request.uri_path + query)[:_SHOWN].decode("latin-1")


def batches(file: str, items: Iterable[Item]) -> Iterator[Batch]:
    """The records, some at a time."""
    held: list[Item] = []
    size = 0
    for item in items:
        held.append(item)
        size += len(item.raw or b"")
        if len(held) >= BATCH or size >= BATCH_BYTES:
            yield Batch(file, tuple(held))
            held, size = [], 0
    if held:
        yield Batch(file, tuple(held))


def run(job: Job, work: Iterator[Batch], workers: int) -> Iterator[Outcome]:
    """All outcomes in order; few batches are held at any time. Raises MasugataError."""
    runner = Runner(job)
    first = list(islice(work, WORTH_IT + 1)) if workers > 1 else []
    if len(first) <= WORTH_IT:
        for batch in chain(first, work):
            yield from runner.run(batch)
        return
    # Forked, while there is one thread only, they have the plan without compiling it again.
    _runners[:] = [runner]
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        yield from _shared(pool, chain(first, work), 2 * workers)


def _shared(pool: ProcessPoolExecutor, work: Iterator[Batch], most: int) -> Iterator[Outcome]:
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for batch in work:
            waiting.append(pool.submit(_run, batch))
            if len(waiting) > most:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool:
        raise MasugataError("a worker process died; try with `--workers 1`") from None
    finally:
        for future in waiting:
            future.cancel()


_runners: list[Runner] = []


def _run(batch: Batch) -> list[Outcome]:
    return _runners[0].run(batch)
