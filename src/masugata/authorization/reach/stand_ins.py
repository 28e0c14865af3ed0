"""Resources that stand for all that a pattern matches, because there is no end of resources.

A stand-in has a text in the place of each wildcard that no other pattern is likely to name, so it shows what
is allowed on what the pattern matches and narrower patterns do not.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.accounts import AccountView
from masugata.authorization.reach.things import resource
from masugata.engines.common import compile_glob, tokenize
from masugata.engines.policy.matrix import Resource, Subject

ANYTHING: Final = "*"
_ANY: Final = "~other~"
_WILD: Final = re.compile(r"\$\{[^}]*\}|[*?]")


def patterns_of(subjects: Iterable[Subject]) -> dict[str, None]:
    """Every resource pattern in the policies that the subjects carry, in order and once."""
    found: dict[str, None] = {}
    for subject in subjects:
        for policy_set in (subject.identity, subject.boundary, *subject.scp, *subject.rcp):
            for policy in () if policy_set is None else policy_set.policies:
                for statement in policy.statements:
                    found.update(dict.fromkeys(statement.resource_values))
    return found


def stand_ins(
    view: AccountView, patterns: Iterable[str], service: str, account: str, partition: str
) -> Iterator[tuple[str, Resource]]:
    """For each pattern that may concern the service a resource of this account; first one for `*`.

    A KMS key has AWS's default key policy, which leaves everything to the account's identity policies.
    """
    beginning = f"arn:{partition}:{service}"
    kind = "key" if service == "kms" else _ANY
    general = f"{beginning}:{_ANY}:{account}:{kind}/{_ANY}"
    yield ANYTHING, _resource(view, general, account)
    for pattern in patterns:
        segments = pattern.split(":", 5)
        if len(segments) < 6 or not compile_glob(tokenize(segments[2].lower()))(service):
            continue
        segments[1:3] = [partition, service]
        segments[4] = account if _WILD.search(segments[4]) else segments[4]
        arn = ":".join(_WILD.sub(_ANY, segment) for segment in segments)
        try:
            parse_arn(arn)
        except InvalidArnError:
            continue
        yield pattern, _resource(view, arn, account)


def _resource(view: AccountView, arn: str, account: str) -> Resource:
    parts = parse_arn(arn)
    return resource(view, arn, account=None if parts.account else account)
