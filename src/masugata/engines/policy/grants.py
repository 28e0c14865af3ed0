"""What a resource allows its caller: by its policy, and for a KMS key by the grants of it, too.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from masugata.engines.policy.principals import Match, Principal, Principals
from masugata.engines.policy.statements import Statement

_PREFIX: Final = "kms:"


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """A grant of the key that a request is about, and whose constraints the request meets.

    `grantee` is an ARN, a unique id, or the name of a service; `operations` are grant operations as
    AWS names them (`Decrypt`, `ReEncryptFrom`). The encryption context is not judged here: whoever
    knows it leaves out the grants whose constraints it does not meet. Raises ValueError for a grantee
    that is nobody in particular.
    """

    id: str
    grantee: str
    operations: frozenset[str]

    def __post_init__(self) -> None:
        if self.grantee == "*" or _principals(self.grantee).problem:
            raise ValueError(f"`{self.grantee}` cannot be the grantee of a grant: name one principal")

    def match(self, principal: Principal, action: str) -> Match | None:
        """How the grant covers the caller and the action (in lower case), or None."""
        if action.removeprefix(_PREFIX) not in map(str.lower, self.operations):
            return None
        return _principals(self.grantee).match(principal)


class Grant(NamedTuple):
    """What the resource's side allows the caller: directly, and by trusting its account.

    `match` says how strongly `source` names the caller; both are None without a direct grant.
    """

    match: Match | None
    source: Statement | KeyGrant | None
    account: Statement | KeyGrant | None


NO_GRANT: Final = Grant(None, None, None)


def with_key_grants(grant: Grant, key_grants: Iterable[KeyGrant], principal: Principal, action: str) -> Grant:
    """The strongest of what the key policy and the key's grants allow the caller.

    A grant counts like an Allow of the key policy that names its grantee.
    """
    if not action.startswith(_PREFIX):
        return grant
    match, source, account = grant
    for key_grant in key_grants:
        found = key_grant.match(principal, action)
        if found is Match.ACCOUNT:
            account = account or key_grant
        elif found is not None and (match is None or found > match):
            match, source = found, key_grant
    return NO_GRANT if match is None and account is None else Grant(match, source, account)


@lru_cache(maxsize=1024)
def _principals(grantee: str) -> Principals:
    kind = "Service" if grantee.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"
    return Principals({kind: (grantee,)}, negated=False, allow=True)
