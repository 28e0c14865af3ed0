"""Samples for GetSampledRequests: of each metric how many requests there were, and the newest of them."""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from masugata.edge.observing.log_record import request_of
from masugata.edge.observing.protection import Protection
from masugata.edge.observing.seen import Seen, status_sent
from masugata.engines.waf.decision import RuleMatch
from masugata.engines.waf.definitions import Rule, Ruleset
from masugata.records.wafv2 import MOST_SAMPLES, SAMPLES, SampledRequest, Samples

SLOT_SECONDS: Final = 900
SLOTS: Final = 13
"""A note is of a quarter of an hour; those of three hours are kept, and the one that is being written."""
_LONGEST: Final = 1_024
"""Characters of a header's value or an address in a sample."""

Country = Callable[[str], str | None]
"""The country of an address."""


class _Metric:
    """One metric in one quarter of an hour."""

    __slots__ = ("newest", "population", "since", "slot")

    def __init__(self, slot: int, since: float) -> None:
        self.slot = slot
        self.since = since
        self.population = 0
        self.newest: deque[tuple[Seen, RuleMatch | None]] = deque(maxlen=MOST_SAMPLES)


class Sampler:
    """The samples of one web ACL in one worker."""

    def __init__(
        self, ruleset: Ruleset, worker: str, country: Country, protection: dict[str, Any] | None = None
    ) -> None:
        """`worker` is a name that no other process has; `protection` is a DataProtectionConfig."""
        self.ruleset = ruleset
        self.worker = worker
        self._protection = Protection((), protection)
        self._arn = ruleset.web_acl.arn
        self._names = _metrics(ruleset)
        self._country = country
        self._metrics: dict[str, _Metric] = {}
        self._changed: set[str] = set()

    def add(self, seen: Seen) -> None:
        """Count a request for each of its rules that is sampled."""
        slot = int(seen.time) // SLOT_SECONDS
        for name, match in self._of(seen):
            metric = self._metrics.get(name)
            if metric is None or metric.slot != slot:
                metric = self._metrics[name] = _Metric(slot, seen.time)
            metric.population += 1
            metric.newest.append((seen, match))
            self._changed.add(name)

    def notes(self) -> dict[str, bytes]:
        """What changed since the last call, as the store keeps it."""
        changed, self._changed = self._changed, set()
        return dict(self._note(name) for name in changed)

    def _of(self, seen: Seen) -> Iterator[tuple[str, RuleMatch | None]]:
        """The metrics that a request counts for, each once."""
        decision, told = seen.decision, set()
        matches: tuple[RuleMatch | None, ...] = (*decision.counted, decision.terminating)
        for match in matches:
            keys = (
                [("", "")] if match is None else [(match.rule, ""), (match.rule, match.rule_in_group or "")]
            )
            for key in keys:
                name = self._names.get(key)
                if name is not None and name not in told:
                    told.add(name)
                    yield name, match

    def _note(self, name: str) -> tuple[str, bytes]:
        metric = self._metrics[name]
        newest = metric.newest[-1][0].time
        samples = Samples(
            since=_moment(metric.since),
            until=_moment(newest),
            population=metric.population,
            requests=tuple(self._sample(seen, match) for seen, match in metric.newest),
        )
        worker = f"{self.worker}-{metric.slot % SLOTS}"
        return SAMPLES.key(self._arn, name, worker=worker), SAMPLES.encode(samples)

    def _sample(self, seen: Seen, match: RuleMatch | None) -> SampledRequest:
        request, decision = seen.request, seen.decision
        shown = self._protection.applied({"httpRequest": request_of(seen, None)})["httpRequest"]
        uri = shown["uri"] + ("?" + shown["args"] if shown["args"] else "")
        action = decision.action if match is None or match is decision.terminating else match.action
        return SampledRequest(
            time=_moment(seen.time),
            client_ip=request.source_ip,
            country=self._country(request.source_ip) or "",
            method=shown["httpMethod"],
            uri=uri[:_LONGEST],
            http_version=shown["httpVersion"],
            headers=tuple((one["name"], one["value"][:_LONGEST]) for one in shown["headers"]),
            action=action,
            rule_within_group=match.rule_in_group if match is not None else None,
            overridden=match.overridden if match is not None else None,
            response_code=status_sent(decision),
            inserted_headers=decision.inserted_headers,
            labels=decision.labels,
        )


def _metrics(ruleset: Ruleset) -> dict[tuple[str, str], str]:
    """The metric of a rule, or of a rule of a group, by names; of the default action by none."""
    acl = ruleset.web_acl
    found = {("", ""): acl.visibility_config}
    for rule in acl.rules:
        found[rule.name, ""] = rule.visibility_config
        for inner in _members(ruleset, rule):
            found[rule.name, inner.name] = inner.visibility_config
    return {key: config.metric_name for key, config in found.items() if config.sampled_requests_enabled}


def _members(ruleset: Ruleset, rule: Rule) -> tuple[Rule, ...]:
    reference = rule.statement.rule_group_reference_statement
    return () if reference is None else ruleset.rule_groups[reference.arn].rules


def _moment(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)
