"""Which services a policy allows something of: what reports of last access list.

Only what Allow statements grant counts, whatever the resource and the conditions; a Deny, a boundary or
an organization's policy takes nothing away. Source: GenerateServiceLastAccessedDetails.
"""

from collections.abc import Iterable
from functools import lru_cache

from masugata.authorization import catalogue
from masugata.engines.policy import PolicyType, compile_policy
from masugata.engines.policy.statements import Statement


def granted_services(documents: Iterable[str]) -> frozenset[str]:
    """The prefixes of all services of which the policies allow an action."""
    return frozenset().union(*map(_granted, documents))


@lru_cache(maxsize=256)
def _granted(document: str) -> frozenset[str]:
    statements = compile_policy(document, PolicyType.IDENTITY, "policy").statements
    return frozenset(
        prefix
        for statement in statements
        if statement.allow and statement.problem is None
        for prefix in _prefixes(statement)
    )


def _prefixes(statement: Statement) -> Iterable[str]:
    """The services of a statement; only of those that it names have the actions to be looked at."""
    every, actions = catalogue.service_names().keys(), statement.actions
    if actions.everything:
        return () if actions.negated else every
    named = (actions.services | {action.partition(":")[0] for action in actions.exact}) & every
    reached = {prefix for prefix in named if _allows_some(statement, prefix)}
    return (every - named) | reached if actions.negated else reached


def _allows_some(statement: Statement, prefix: str) -> bool:
    entries = catalogue.service(prefix)
    return entries is not None and any(statement.actions.matches(name.lower()) for name in entries.actions)
