"""Addresses that rate-based rules hold back, for GetRateBasedStatementManagedKeys."""

from collections.abc import Callable, Iterator
from datetime import datetime

from masugata.engines.waf.definitions import Rule, Ruleset
from masugata.records.wafv2 import MOST_ADDRESSES, RATES, LimitedAddresses

_COUNTED = frozenset({"IP", "FORWARDED_IP"})

Limited = Callable[[str], list[bytes]]
"""The keys of a rule that are over its limit, the ones with most requests first."""


def limited_addresses(ruleset: Ruleset, limited: Limited, worker: str, now: datetime) -> dict[str, bytes]:
    """A note for each rule that counts by address alone."""
    notes = {}
    acl = ruleset.web_acl
    for names in _rules(ruleset):
        found = [_cidr(key.decode("latin-1")) for key in limited("/".join((acl.arn, *names)))][
            :MOST_ADDRESSES
        ]
        note = LimitedAddresses(
            time=now,
            ipv4=tuple(one for one in found if ":" not in one),
            ipv6=tuple(one for one in found if ":" in one),
        )
        notes[RATES.key(acl.arn, *names, worker=worker)] = RATES.encode(note)
    return notes


def _rules(ruleset: Ruleset) -> Iterator[tuple[str, ...]]:
    """The names of the rules."""
    for rule in ruleset.web_acl.rules:
        if _counts(rule):
            yield (rule.name,)
        reference = rule.statement.rule_group_reference_statement
        if reference is not None:
            yield from ((rule.name, i.name) for i in ruleset.rule_groups[reference.arn].rules if _counts(i))


def _counts(rule: Rule) -> bool:
    statement = rule.statement.rate_based_statement
    return statement is not None and statement.aggregate_key_type in _COUNTED


def _cidr(key: str) -> str:
    """As AWS words it; IPv6 is counted by network anyway."""
    return key if "/" in key else f"{key}/32"
