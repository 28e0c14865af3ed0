"""What policies that name principals allow and deny a caller: of resources, and of their organization.

Statements are found by the names in them, so that a caller meets only those that may speak of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from masugata.engines.policy.matrix.columns import Columns
from masugata.engines.policy.matrix.facts import Facts, Value, statement_keys
from masugata.engines.policy.matrix.rows import Cells, Rectangles, Rows, RowSet, union
from masugata.engines.policy.principals import Match, Principal, account_of
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import Statement
from masugata.engines.policy.types import PolicyType

_STRONG: Final = (Match.CALLER, Match.ANYONE)
_SESSION: Final = ":assumed-role/"
_UNNAMED: Final = "~"  # no session can be named so


Pair = tuple[Cells, Cells]


@dataclass(frozen=True, slots=True, eq=False)
class Grants:
    """What policies that name principals say of one caller; each pair is certain and possible cells.

    `account` is what its account is trusted with, `direct` what the caller itself is granted however it
    is named, and `strong` what of this its own limits do not bind.
    """

    account: Pair
    direct: Pair
    strong: Pair
    denied: Pair


_KINDS: Final = tuple(field.name for field in fields(Grants))


class Granting:
    """Adds up grants."""

    __slots__ = ("_found", "_rows")

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._found = {
            name: (Rectangles(), Rectangles()) for name in ("account", "direct", "strong", "denied")
        }

    def add(self, mode: int, match: int, rows: RowSet, columns: int, *, allow: bool) -> None:
        """Add what a statement that names the caller in this way matches, for certain (0) or possibly (1)."""
        if not allow:
            self._found["denied"][mode].add(rows, columns)
        elif match == Match.ACCOUNT:
            self._found["account"][mode].add(rows, columns)
        else:
            self._found["direct"][mode].add(rows, columns)
            if match in _STRONG:
                self._found["strong"][mode].add(rows, columns)

    def grants(self, *others: Grants) -> Grants:
        """The sum, and what others have."""

        def pair(name: str) -> Pair:
            certain, possible = (found.cells(self._rows) for found in self._found[name])
            pairs: list[Pair] = [getattr(other, name) for other in others]
            return union(certain, *(p[0] for p in pairs)), union(possible, *(p[1] for p in pairs))

        return Grants(*map(pair, self._found))


@dataclass(frozen=True, slots=True)
class _Entry:
    statement: Statement
    columns: int
    keys: frozenset[str]


class NamedPolicies:
    """Policies that name principals, each for some columns; those of trust policies are rows of STS alone."""

    def __init__(self, sets: Iterable[tuple[PolicySet, int]], rows: Rows, columns: Columns) -> None:
        self._rows = rows
        self._columns = columns
        self._entries: list[_Entry] = []
        self._by_name: dict[str, list[int]] = {}
        self._always: list[int] = []
        self._made: dict[object, Grants] = {}
        for policy_set, bits in sets:
            for policy in policy_set.policies:
                for statement in policy.statements:
                    if statement.problem is None or not statement.allow:
                        self._index(_Entry(statement, bits, statement_keys(statement)))

    def _index(self, entry: _Entry) -> None:
        number = len(self._entries)
        self._entries.append(entry)
        principals = entry.statement.principals
        if principals is None or principals.negated or principals.problem:
            self._always.append(number)
            return
        for value in principal_values(entry.statement):
            if value == "*":
                self._always.append(number)
            else:
                for name in _index_names(value):
                    self._by_name.setdefault(name, []).append(number)

    def grants(self, principal: Principal, facts: Facts, *, bounded: bool, any_session: bool) -> Grants:
        """What they say of a caller, the same object for callers of whom they say the same."""
        numbers = set(self._always)
        for name in _caller_names(principal, any_session=any_session):
            numbers.update(self._by_name.get(name, ()))
        matched = []
        keys: set[str] = set()
        for number in sorted(numbers):
            entry = self._entries[number]
            known_as = callers(principal, principal_values(entry.statement), any_session=any_session)
            weakest, strongest = match_bounds(entry.statement, known_as, bounded=bounded)
            if strongest:
                matched.append((number, weakest, strongest))
                keys |= entry.keys
        values: tuple[Value, ...] = facts.values(sorted(keys))
        known = (tuple(matched), values)
        found = self._made.get(known)
        if found is None:
            found = self._made[known] = self._make(matched, facts)
        return found

    def _make(self, matched: Sequence[tuple[int, int, int]], facts: Facts) -> Grants:
        granting = Granting(self._rows)
        for number, weakest, strongest in matched:
            entry = self._entries[number]
            rows = self._rows.of(entry.statement)
            if entry.statement.type is PolicyType.TRUST:
                rows = self._rows.within(rows, "sts")
            certain, possible = self._columns.matched(entry.statement, facts)
            bounds = (certain & entry.columns, {weakest}), (possible & entry.columns, {weakest, strongest})
            for mode, (columns, matches) in enumerate(bounds):
                for match in matches - {0}:
                    granting.add(mode, match, rows, columns, allow=entry.statement.allow)
        return granting.grants()


def match_bounds(statement: Statement, known_as: Iterable[Principal], *, bounded: bool) -> tuple[int, int]:
    """How a statement names the least and the best named of these callers; 0 for not at all."""
    bounded = bounded and not statement.allow
    found = [int(statement.match_principal(caller, bounded=bounded) or 0) for caller in known_as]
    return min(found), max(found)


def principal_values(statement: Statement) -> Iterator[str]:
    """Every entry of a Principal or NotPrincipal element."""
    element = statement.raw.principal
    if isinstance(element, str):
        yield element
    elif element is not None:
        for values in element.values():
            yield from values


def _index_names(value: str) -> Iterator[str]:
    account = account_of(value)
    if account is not None:
        yield account[1]
        return
    yield value
    if _SESSION in value:
        yield value.rpartition("/")[0] + "/"
    elif value.startswith("AROA") and ":" in value:
        yield value.partition(":")[0] + ":"


def _caller_names(principal: Principal, *, any_session: bool) -> Iterator[str]:
    yield from (principal.arn, principal.account, principal.unique_id)
    yield from (principal.issuer_arn, principal.issuer_id)
    if any_session:
        yield principal.arn.rpartition("/")[0] + "/"
        yield principal.issuer_id + ":"


def callers(principal: Principal, values: Iterable[str], *, any_session: bool) -> list[Principal]:
    """All that a caller may be to policies with these entries: itself or, as a role, its sessions.

    A session that no entry names stands for all of them, and each that one does for itself.
    """
    if not any_session:
        return [principal]
    found = [_session(principal, _UNNAMED)]
    arns, ids = principal.arn.rpartition("/")[0] + "/", principal.issuer_id + ":"
    for value in values:
        if value.startswith(arns):
            found.append(_session(principal, value.removeprefix(arns)))
        elif principal.issuer_id and value.startswith(ids):
            found.append(_session(principal, value.removeprefix(ids)))
    return found


def _session(principal: Principal, name: str) -> Principal:
    unique_id = f"{principal.issuer_id}:{name}" if principal.issuer_id else ""
    return replace(principal, arn=f"{principal.arn.rpartition('/')[0]}/{name}", unique_id=unique_id)
