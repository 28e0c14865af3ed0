"""Addresses that rate-based rules hold back, for GetRateBasedStatementManagedKeys."""

from collections.abc import Callable
from datetime import datetime

from masugata.edge.rates.rules import rate_based_rules, rate_name
from masugata.engines.waf.definitions import Ruleset
from masugata.records.wafv2 import MOST_ADDRESSES, RATES, LimitedAddresses

_COUNTED = frozenset({"IP", "FORWARDED_IP"})

Limited = Callable[[str], list[bytes]]
"""The keys of a rule that are over its limit, the ones with most requests first."""


def limited_addresses(ruleset: Ruleset, limited: Limited, worker: str, now: datetime) -> dict[str, bytes]:
    """A note for each rule that counts by address alone."""
    notes = {}
    for rule in rate_based_rules(ruleset):
        if rule.statement.aggregate_key_type not in _COUNTED:
            continue
        keys = limited(rate_name(ruleset, rule))[:MOST_ADDRESSES]
        found = [_cidr(key.decode("latin-1")) for key in keys]
        note = LimitedAddresses(
            time=now,
            ipv4=tuple(one for one in found if ":" not in one),
            ipv6=tuple(one for one in found if ":" in one),
        )
        notes[RATES.key(ruleset.web_acl.arn, *rule.names, worker=worker)] = RATES.encode(note)
    return notes


def _cidr(key: str) -> str:
    """As AWS words it; IPv6 is counted by network anyway."""
    return key if "/" in key else f"{key}/32"
