"""The union of policies of one type, indexed by action.

An action is looked up once: exact names in a dict, wildcards by service, the rest one by one. The
answer, which statements deny and which allow, is remembered, so that a decision costs nothing for
statements that do not speak of its action, and little for those that speak of other resources.
"""

from collections.abc import Iterable
from typing import Final

from masugata.engines.policy.arns import Target
from masugata.engines.policy.candidates import Candidates, candidates
from masugata.engines.policy.grants import NO_GRANT, Grant
from masugata.engines.policy.principals import Match, Principal
from masugata.engines.policy.statements import Policy, Statement
from masugata.engines.policy.types import IDENTITY_TYPES, PolicyType
from masugata.engines.policy.variables import Context

_MEMO_LIMIT: Final = 4096  # actions remembered for each set; about a fifth of all that exist


_Found = tuple[Statement, ...] | Candidates


class _Index:
    """The statements of some policies, by the actions that they speak of."""

    __slots__ = ("exact", "others", "wild")

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.exact: dict[str, list[Statement]] = {}
        self.wild: dict[str, list[Statement]] = {}
        self.others: list[Statement] = []
        for policy in policies:
            for statement in policy.statements:
                if statement.problem is None or not statement.allow:
                    self._add(statement)

    def _add(self, statement: Statement) -> None:
        actions = statement.actions
        if actions.negated or actions.everything:
            self.others.append(statement)
            return
        for service in actions.services:
            self.wild.setdefault(service, []).append(statement)
        for action in actions.exact:
            if action.partition(":")[0] not in actions.services:
                self.exact.setdefault(action, []).append(statement)


class PolicySet:
    """Compiled policies of one type that apply together, as a union.

    Policies compiled as identity policies, boundaries and session policies may stand in for each
    other; any other mixture raises ValueError.
    """

    __slots__ = ("_index", "_memo", "policies", "type")

    def __init__(self, type: PolicyType, policies: Iterable[Policy] = ()) -> None:  # noqa: A002
        self.type = type
        self.policies = tuple(policies)
        self._memo: dict[str, tuple[_Found, _Found]] = {}
        # Made when a single request is first decided; whole matrices do without.
        self._index: _Index | None = None
        for policy in self.policies:
            if policy.type is not type and not {policy.type, type} <= IDENTITY_TYPES:
                raise ValueError(f"`{policy.source}` is a {policy.type} policy, the set is of type {type}")

    def _speaking_of(self, action: str) -> tuple[_Found, _Found]:
        """The Deny and the Allow statements that cover `action`, which is in lower case."""
        index = self._index
        if index is None:
            index = self._index = _Index(self.policies)
        statements = [
            *index.exact.get(action, ()),
            *index.wild.get(action.partition(":")[0], ()),
            *index.others,
        ]
        covering = [statement for statement in statements if statement.actions.matches(action)]
        found = (
            candidates([s for s in covering if not s.allow]),
            candidates([s for s in covering if s.allow]),
        )
        if len(self._memo) >= _MEMO_LIMIT:
            self._memo.clear()
        self._memo[action] = found
        return found

    def always_allows(self, action: str) -> bool:
        """Whether a statement allows `action` on every resource, under all conditions, to everyone."""
        found = (self._memo.get(action) or self._speaking_of(action))[1]
        return any(s.unconditional for s in (found if isinstance(found, tuple) else found.all))

    def deny(self, action: str, target: Target, context: Context) -> Statement | None:
        """The first statement that denies, whoever asks."""
        found = (self._memo.get(action) or self._speaking_of(action))[0]
        for statement in found if isinstance(found, tuple) else found.near(target):
            if statement.applies(target, context):
                return statement
        return None

    def allow(self, action: str, target: Target, context: Context) -> Statement | None:
        """The first statement that allows, whoever asks."""
        found = (self._memo.get(action) or self._speaking_of(action))[1]
        for statement in found if isinstance(found, tuple) else found.near(target):
            if statement.applies(target, context):
                return statement
        return None

    def deny_to(
        self, principal: Principal, action: str, target: Target, context: Context, *, bounded: bool
    ) -> Statement | None:
        """The first statement that denies `principal`."""
        found = (self._memo.get(action) or self._speaking_of(action))[0]
        for statement in found if isinstance(found, tuple) else found.near(target):
            named = statement.match_principal(principal, bounded=bounded) is not None
            if named and statement.applies(target, context):
                return statement
        return None

    def grant_to(self, principal: Principal, action: str, target: Target, context: Context) -> Grant:
        """The strongest grant to `principal`."""
        match: Match | None = None
        granting: Statement | None = None
        account: Statement | None = None
        statements = (self._memo.get(action) or self._speaking_of(action))[1]
        for statement in statements if isinstance(statements, tuple) else statements.near(target):
            found = statement.match_principal(principal, bounded=False)
            if found is None or not statement.applies(target, context):
                continue
            if found is Match.ACCOUNT:
                account = account or statement
            elif match is None or found > match:
                match, granting = found, statement
        if match is None and account is None:
            return NO_GRANT
        return Grant(match, granting, account)
