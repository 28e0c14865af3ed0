"""What directives of SecLang come to: rules with their chains, in the order in which they are asked."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from masugata.cli._waf_seclang import (
    Action,
    Directive,
    Operator,
    SecLangError,
    Variable,
    read_actions,
    read_operator,
    read_variables,
)

# They say how the engine runs, logs and looks at answers, and not what is done with a request.
_APART = (
    "secauditlog", "seccollectiontimeout", "seccomponentsignature", "secdatadir", "secdebuglog",
    "secpcrematchlimit", "secresponsebody", "secsensorid", "secserversignature", "secstatusengine", "sectmp",
    "secunicodemap", "secupload", "secwebappid",
)  # fmt: skip
_PHASES = {"request": 2, "response": 4, "logging": 5}
_DISRUPTIVE = ("allow", "block", "deny", "drop", "pass")


class Left(msgspec.Struct, frozen=True):
    """What was left out, or said otherwise than it was."""

    file: str
    line: int
    what: str
    reason: str


class Test(msgspec.Struct, frozen=True):
    """Variables, an operator, and names of transformations: one SecRule, or a link of a chain."""

    variables: tuple[Variable, ...]
    operator: Operator
    transformations: tuple[str, ...]
    line: int


class SecRule(msgspec.Struct, frozen=True):
    """All tests of a chain, and what is done; `disruptive` is empty where only something is logged."""

    file: str
    line: int
    id: str
    phase: int
    tests: tuple[Test, ...]
    actions: tuple[Action, ...]
    disruptive: str

    @property
    def what(self) -> str:
        """What messages call it."""
        return f"rule {self.id}"

    def values(self, name: str) -> list[str]:
        """Of all actions of this name."""
        return [action.value for action in self.actions if action.name == name]


class _Defaults(msgspec.Struct, frozen=True):
    disruptive: str = "block"
    status: tuple[Action, ...] = ()
    transformations: tuple[str, ...] = ()
    said: bool = False


class RuleReader:
    """Collects rules from files, in turn; what cannot be understood is in `left`."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self.left: list[Left] = []
        self._rules: list[SecRule] = []
        self._defaults: dict[int, _Defaults] = {}
        self._file = ""

    def read(self, file: str, directives: Iterable[Directive]) -> None:
        """The directives of one file; defaults and removals also apply across files."""
        self._file = file
        waiting = iter(directives)
        for directive in waiting:
            self._one(directive, waiting)

    def rules(self) -> list[SecRule]:
        """By phase, and within one in the order of the files."""
        return sorted(self._rules, key=lambda rule: rule.phase)

    def _one(self, directive: Directive, rest: Iterator[Directive]) -> None:
        name = directive.name.lower()
        try:
            if name == "secrule":
                self._chain(directive, rest)
            elif name == "secdefaultaction":
                self._default(directive)
            elif name == "secruleremovebyid":
                self._remove(directive)
            else:
                _configuration(name, directive)
        except SecLangError as error:
            self._leave(directive.line, directive.name[:60], str(error))

    def _leave(self, line: int, what: str, reason: str) -> None:
        self.left.append(Left(self._file, line, what, reason))

    def _chain(self, first: Directive, rest: Iterator[Directive]) -> None:
        """A rule, with all that are chained to it, understood or not; raises SecLangError."""
        links, problem = [first], ""
        actions: list[list[Action]] = []
        for link in links:
            try:
                actions.append(_actions(link))
            except SecLangError as error:
                problem = problem or str(error)
                actions.append([Action("chain")] if _says_chain(link) else [])
            if any(action.name == "chain" for action in actions[-1]):
                following = next(rest, None)
                if following is None or following.name.lower() != "secrule":
                    if following is not None:
                        self._one(following, rest)
                    raise SecLangError("`chain` needs a rule behind it")
                links.append(following)
        if problem:
            raise SecLangError(problem)
        self._rules.append(self._rule(links, actions))

    def _rule(self, links: Sequence[Directive], actions: Sequence[list[Action]]) -> SecRule:
        own = actions[0]
        found = [action.value for action in own if action.name == "id"]
        if not found or not found[0].isascii() or not found[0].isdigit():
            raise SecLangError("a rule needs an `id`, which is a number")
        phase = _phase(own)
        defaults = self._defaults.get(phase, _Defaults())
        said = [action.name for action in own if action.name in _DISRUPTIVE]
        disruptive = said[-1] if said else (defaults.disruptive if defaults.said else "")
        inherits = disruptive == "block" or not said
        return SecRule(
            file=self._file,
            line=links[0].line,
            id=found[0],
            phase=phase,
            tests=tuple([_test(link, acts, defaults) for link, acts in zip(links, actions, strict=True)]),
            actions=(
                *(defaults.status if inherits else ()),
                *[action for acts in actions for action in acts],
            ),
            disruptive=defaults.disruptive if disruptive == "block" else disruptive,
        )

    def _default(self, directive: Directive) -> None:
        actions = read_actions(_only(directive)[0])
        said = [action.name for action in actions if action.name in _DISRUPTIVE and action.name != "block"]
        self._defaults[_phase(actions)] = _Defaults(
            said[-1] if said else "pass",
            tuple([action for action in actions if action.name == "status"]),
            _transformations(actions, ()),
            said=True,
        )

    def _remove(self, directive: Directive) -> None:
        ranges = [_range(word) for text in _only(directive) for word in text.replace(",", " ").split()]
        if not ranges:
            raise SecLangError("no id is named")
        self._rules = [
            rule for rule in self._rules if not any(low <= int(rule.id) <= high for low, high in ranges)
        ]


_REASONS = {
    "secaction": "what is done for every request is said by the default action, or by no rule",
    "secmarker": "rules cannot be skipped in AWS WAF",
    "include": "give the file itself",
    "includeoptional": "give the file itself",
    "secruleengine": "say it with the actions, or with an override that counts",
}


def _configuration(name: str, directive: Directive) -> None:
    """Raises SecLangError for what bears on what is done with requests."""
    on = name == "secruleengine" and [text.lower() for text in directive.arguments] == ["on"]
    if not on and not name.startswith(_APART):
        raise SecLangError(_REASONS.get(name, "there is nothing of the kind in AWS WAF"))


def _only(directive: Directive) -> tuple[str, ...]:
    """Its arguments; raises SecLangError if there are none, or none that can be read."""
    if directive.problem or not directive.arguments:
        raise SecLangError(directive.problem or "something must follow")
    return directive.arguments


def _actions(directive: Directive) -> list[Action]:
    if directive.problem:
        raise SecLangError(directive.problem)
    if not 2 <= len(directive.arguments) <= 3:
        raise SecLangError("a rule has variables, an operator and actions")
    return read_actions(directive.arguments[2]) if len(directive.arguments) == 3 else []


def _says_chain(directive: Directive) -> bool:
    return any("chain" in text.replace(" ", "").split(",") for text in directive.arguments[2:])


def _test(directive: Directive, actions: Sequence[Action], defaults: _Defaults) -> Test:
    return Test(
        tuple(read_variables(directive.arguments[0])),
        read_operator(directive.arguments[1]),
        _transformations(actions, defaults.transformations),
        directive.line,
    )


def _transformations(actions: Sequence[Action], before: tuple[str, ...]) -> tuple[str, ...]:
    """Those of before, and behind them these; `none` forgets all that stand before it."""
    found = list(before)
    for action in actions:
        if action.name == "t":
            found = [] if action.value.lower() == "none" else [*found, action.value.lower()]
    return tuple(found)


def _phase(actions: Sequence[Action]) -> int:
    said = [action.value.lower() for action in actions if action.name == "phase"]
    if not said:
        return 2
    text = said[-1]
    phase = _PHASES.get(text) or (int(text) if text in {"1", "2", "3", "4", "5"} else None)
    if phase is None:
        raise SecLangError(f"`{text[:40]}` is not a phase")
    return phase


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    high = high or low
    if not (low.isascii() and low.isdigit() and high.isascii() and high.isdigit() and len(low + high) < 40):
        raise SecLangError(f"`{text[:60]}` is neither an id nor a range of them")
    return int(low), int(high)
