"""The models' regular expressions (Java's dialect), matched in linear time whatever the input.

Python's `re` backtracks, and a pattern such as `arn:.+:.+` on hostile input is a denial of service.
A pattern of one character class goes to `re`, where it cannot backtrack; everything else becomes a
nondeterministic automaton (Thompson 1968) that is determinized while it runs, within bounds.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from masugata.wire._regex import (
    Alternation,
    CharacterSet,
    Lookahead,
    Node,
    Repetition,
    Sequence,
    UnsupportedPatternError,
    parse,
)

__all__ = ["UnsupportedPatternError", "compile_pattern"]

_MAX_NODES = 20_000  # of one automaton; the largest of AWS's patterns has a few hundred
_MAX_STATES = 512  # determinized states kept per pattern
_MAX_EDGES = 512  # characters remembered per determinized state

_ACCEPT = 0


@lru_cache(maxsize=2048)
def compile_pattern(pattern: str) -> Callable[[str], bool]:
    r"""A function that says whether a whole string matches `pattern`.

    `\w`, `\d` and `\s` are ASCII, as in Java. Raises UnsupportedPatternError for back references,
    word boundaries, flags and look-arounds of more than one character.
    """
    node = parse(pattern)
    return _one_class(node) or _Automaton(node).matches


def _one_class(node: Node) -> Callable[[str], bool] | None:
    r"""Patterns like `[\w+=,.@-]*`: one class, repeated. `re` matches them without backtracking."""
    if isinstance(node, CharacterSet):
        node = Repetition(node, 1, 1)
    if not (isinstance(node, Repetition) and isinstance(node.body, CharacterSet)):
        return None
    text = node.body.as_python()
    if text is None:
        return None
    most = "" if node.most is None else node.most
    fullmatch = re.compile(f"{text}{{{node.least},{most}}}", re.DOTALL).fullmatch
    return lambda value: fullmatch(value) is not None


class _State(dict[str, "_State"]):
    """One determinized state; a missing character is worked out by the automaton."""

    __slots__ = ("accepting", "automaton", "dead", "nodes")

    def __init__(self, automaton: "_Automaton", nodes: frozenset[int], *, at_start: bool = False) -> None:
        super().__init__()
        self.automaton = automaton
        self.nodes = nodes
        self.accepting = _ACCEPT in automaton.closure(nodes, None, at_start=at_start)
        self.dead = not nodes

    def __missing__(self, character: str) -> "_State":
        return self.automaton.step(self, character)


class _Automaton:
    def __init__(self, node: Node) -> None:
        # Per node: what to read (None for nodes that read nothing), a condition, and where to go.
        self._sets: list[CharacterSet | None] = [None]
        self._conditions: list[Lookahead | None] = [None]
        self._targets: list[tuple[int, ...]] = [()]
        self._first = self._build(node, _ACCEPT)
        self._known: dict[frozenset[int], _State] = {}
        self._start = _State(self, frozenset((self._first,)), at_start=True)

    def matches(self, value: str) -> bool:
        state = self._start
        for character in value:
            state = state[character]
            if state.dead:
                return False
        return state.accepting

    def closure(self, nodes: Iterable[int], following: str | None, *, at_start: bool) -> set[int]:
        """All nodes reachable without reading, when `following` is the next character (None: the end)."""
        seen: set[int] = set()
        pending = list(nodes)
        while pending:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            if self._sets[node] is not None:
                continue
            condition = self._conditions[node]
            if condition is None or condition.holds(following, at_start=at_start):
                pending.extend(self._targets[node])
        return seen

    def step(self, state: _State, character: str) -> _State:
        reachable = self.closure(state.nodes, character, at_start=state is self._start)
        nodes = frozenset(
            target
            for node in reachable
            if (accepted := self._sets[node]) is not None and accepted.contains(character)
            for target in self._targets[node]
        )
        following = self._known.get(nodes)
        if following is None:
            following = _State(self, nodes)
            if len(self._known) < _MAX_STATES:
                self._known[nodes] = following
        if len(state) < _MAX_EDGES:
            state[character] = following
        return following

    def _add(
        self, accepted: CharacterSet | None, condition: Lookahead | None, targets: tuple[int, ...]
    ) -> int:
        if len(self._sets) >= _MAX_NODES:
            raise UnsupportedPatternError("the pattern is too large")
        self._sets.append(accepted)
        self._conditions.append(condition)
        self._targets.append(targets)
        return len(self._sets) - 1

    def _build(self, node: Node, then: int) -> int:
        """Add `node` so that it goes on to `then`; its first automaton node."""
        match node:
            case CharacterSet():
                return self._add(node, None, (then,))
            case Lookahead():
                return self._add(None, node, (then,))
            case Sequence(parts):
                for part in reversed(parts):
                    then = self._build(part, then)
                return then
            case Alternation(branches):
                return self._add(None, None, tuple(self._build(branch, then) for branch in branches))
            case Repetition(body, least, most):
                if most is None:
                    loop = self._add(None, None, ())
                    self._targets[loop] = (self._build(body, loop), then)
                    then = loop
                else:
                    # x{0,3} is (x(x(x)?)?)?: each copy may be the last.
                    end = then
                    for _ in range(most - least):
                        then = self._add(None, None, (self._build(body, then), end))
                for _ in range(least):
                    then = self._build(body, then)
                return then
