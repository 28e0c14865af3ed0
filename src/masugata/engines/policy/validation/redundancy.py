"""What could be left out: actions and resources that others cover, and statements that occur twice.

Patterns are compared as texts: `a*c` covers `ab*c`, since whatever the second matches the first does.
With `?` that is not so, and such patterns only cover texts without wildcards.
"""

from collections.abc import Callable, Iterable, Sequence

from masugata.engines.common import compile_glob, tokenize
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Policy, Statement
from masugata.engines.policy.validation._tree import Array, Node, Object, Scalar, Text

_LONGEST = 2048  # longer patterns are not compared


def _actions(statement: Statement, report: Report) -> None:
    covered = _covered([(node, node.value.lower()) for node in statement.actions], ":", report)
    if covered:
        node, other = covered[0]
        message = (
            f"{len(covered)} of the actions are redundant, such as {show(node.value)} beside"
            f" {show(other.value)}"
        )
        report.add("REDUNDANT_ACTION", message, *(node for node, _ in covered))


def _resources(statement: Statement, report: Report) -> None:
    covered = _covered([(node, node.value) for node in statement.resources], "", report)
    if covered:
        node, other = covered[0]
        message = (
            f"{len(covered)} of the resources are redundant, such as {show(node.value)} beside"
            f" {show(other.value)}"
        )
        report.add("REDUNDANT_RESOURCE", message, *(node for node, _ in covered))


def _covered(named: Sequence[tuple[Text, str]], separator: str, report: Report) -> list[tuple[Text, Text]]:
    """Those that another covers, each with that other; with a `separator` those of one prefix."""
    first: dict[str, Text] = {}
    for node, text in named:
        first.setdefault(text, node)
    patterns: dict[str, list[tuple[Text, str, Callable[[str], bool]]]] = {}
    for text, node in first.items():
        if ("*" in text or "?" in text) and len(text) <= _LONGEST:
            prefix = text.partition(separator)[0] if separator else ""
            patterns.setdefault(prefix, []).append((node, text, compile_glob(tokenize(text))))
    everything = first.get("*")
    covered = []
    for node, text in named:
        prefix = text.partition(separator)[0] if separator else ""
        rivals = patterns.get(prefix, ())
        if first[text] is not node:
            covered.append((node, first[text]))
        elif everything is not None and text != "*":
            covered.append((node, everything))
        elif report.spend(len(rivals)) and (other := _coverer(text, rivals)):
            covered.append((node, other))
    return covered


def _coverer(text: str, rivals: Iterable[tuple[Text, str, Callable[[str], bool]]]) -> Text | None:
    wild = "*" in text or "?" in text
    for node, pattern, matches in rivals:
        if pattern != text and not (wild and "?" in pattern) and "${" not in text + pattern and matches(text):
            return node
    return None


def _statements(policy: Policy, report: Report) -> None:
    seen: dict[object, Object] = {}
    for statement in policy.statements:
        members = [
            (key.value, _canonical(value)) for key, value in statement.node.members if key.value != "Sid"
        ]
        content = tuple(sorted(members, key=lambda member: member[0]))
        first = seen.setdefault(content, statement.node)
        if first is not statement.node and content:
            report.add("REDUNDANT_STATEMENT", "another statement says the same", statement.node, first)


def _canonical(node: Node) -> object:
    """Equal for values that say the same; one value and an array of it do."""
    if isinstance(node, Object):
        members = [(key.value, _canonical(value)) for key, value in node.members]
        return tuple(sorted(members, key=lambda member: member[0]))
    if isinstance(node, Array):
        items = frozenset(_canonical(item) for item in node.items)
        return next(iter(items)) if len(items) == 1 else items
    return (node.kind, node.value) if isinstance(node, Text | Scalar) else None


POLICY_CHECKS = (_statements,)
STATEMENT_CHECKS = (_actions, _resources)
