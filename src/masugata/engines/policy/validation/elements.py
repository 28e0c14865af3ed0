"""The elements of documents and statements: which there are, of which type, and together with which."""

import re
from collections.abc import Mapping
from typing import Final

from masugata.engines.policy.document import VERSIONS
from masugata.engines.policy.types import IDENTITY_TYPES, ORGANIZATION_TYPES, PolicyType
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Policy, Statement
from masugata.engines.policy.validation._tree import Array, Node, Object, Scalar, Text

_TOP: Final = ("Version", "Id", "Statement")
_STATEMENT: Final = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
    "Condition",
)  # fmt: skip
_PAIRS: Final = ("Action", "Resource", "Principal")
_SID = re.compile(r"[A-Za-z0-9]*")
_UNALLOWED_CHARACTER = re.compile(r"[^\t\n\r\x20-\xff]")
# Elements that hold a string or an array of strings.
_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")


def _characters(policy: Policy, report: Report) -> None:
    found = _UNALLOWED_CHARACTER.search(policy.text)
    if found:
        where = f"U+{ord(found[0]):04X} at character {found.start()} of the policy"
        report.add(
            "JSON_SYNTAX_ERROR",
            f"policies hold U+0009, 000A, 000D and 0020 to 00FF only: {where}",
            policy.root,
        )


def _top(policy: Policy, report: Report) -> None:
    names = _TOP if policy.type not in IDENTITY_TYPES | ORGANIZATION_TYPES else ("Version", "Statement")
    _names(policy.root, names, report, "a policy")
    identifier = policy.root.get("Id")
    if identifier is not None and not isinstance(identifier, Text):
        _mismatch(identifier, "string", report)


def _version(policy: Policy, report: Report) -> None:
    version = policy.root.get("Version")
    if version is None:
        message = "without Version the policy is read as 2008-10-17, where `${…}` is no variable"
        report.add("MISSING_VERSION", message, policy.root)
    elif not isinstance(version, Text):
        _mismatch(version, "string", report)
    elif version.value not in VERSIONS:
        meant = "2012-10-17" if policy.type in ORGANIZATION_TYPES else " or ".join(reversed(VERSIONS))
        report.add("INVALID_VERSION", f"{show(version.value)} is no version; use {meant}", version)
    elif policy.type in ORGANIZATION_TYPES and version.value != VERSIONS[-1]:
        report.add(
            "INVALID_VERSION", f"policies of type `{policy.type}` must be of version {VERSIONS[-1]}", version
        )


def _statements(policy: Policy, report: Report) -> None:
    element = policy.root.get("Statement")
    if element is None or (isinstance(element, Array) and not element.items):
        report.add("MISSING_STATEMENT", "a policy needs a statement", element or policy.root)
    for node in element.items if isinstance(element, Array) else [element]:
        if node is not None and not isinstance(node, Object):
            _mismatch(node, "object", report)


def _sids(policy: Policy, report: Report) -> None:
    seen: dict[str, Text] = {}
    free = policy.type in (PolicyType.RESOURCE, PolicyType.VPCE)
    for statement in policy.statements:
        sid = statement.node.get("Sid")
        if not isinstance(sid, Text) or not sid.value:
            continue
        if sid.value in seen:
            code = "UNIQUE_SIDS_RECOMMENDED" if free else "UNIQUE_SIDS_REQUIRED"
            report.add(code, f"another statement has the Sid {show(sid.value)} too", sid, seen[sid.value])
        seen.setdefault(sid.value, sid)
        if not free and not _SID.fullmatch(sid.value):
            report.add(
                "UNSUPPORTED_SID",
                f"the Sid {show(sid.value)} must consist of letters of ASCII and digits",
                sid,
            )


def _statement_names(statement: Statement, report: Report) -> None:
    _names(statement.node, _STATEMENT, report, "a statement")
    for name in _PAIRS:
        both = statement.node.key(name), statement.node.key(f"Not{name}")
        if both[0] and both[1]:
            report.add(
                "UNSUPPORTED_ELEMENT_COMBINATION",
                f"a statement has either {name} or Not{name}",
                both[1],
                both[0],
            )


def _sid(statement: Statement, report: Report) -> None:
    sid = statement.node.get("Sid")
    if sid is not None and not isinstance(sid, Text):
        _mismatch(sid, "string", report)
    elif sid is not None and not sid.value:
        report.add("EMPTY_SID_VALUE", "the Sid is empty; give it a name, or leave it out", sid)


def _effect(statement: Statement, report: Report) -> None:
    effect = statement.node.get("Effect")
    if effect is None:
        report.add("MISSING_EFFECT", "a statement needs an Effect, `Allow` or `Deny`", statement.node)
    elif not isinstance(effect, Text):
        _mismatch(effect, "string", report)
    elif effect.value not in ("Allow", "Deny"):
        report.add("INVALID_EFFECT", f"the Effect {show(effect.value)} must be `Allow` or `Deny`", effect)


def _action(statement: Statement, report: Report) -> None:
    element = statement.node.get("Action") or statement.node.get("NotAction")
    if element is None:
        report.add("MISSING_ACTION", "a statement needs Action or NotAction", statement.node)
    elif isinstance(element, Array) and not element.items:
        report.add("EMPTY_ARRAY_ACTION", "the statement names no action and so does nothing", element)


def _resource(statement: Statement, report: Report) -> None:
    element = statement.node.get("Resource") or statement.node.get("NotResource")
    if statement.policy_type is PolicyType.TRUST:
        return
    if element is None:
        report.add("MISSING_RESOURCE", "a statement needs Resource or NotResource", statement.node)
    elif isinstance(element, Array) and not element.items:
        report.add("EMPTY_ARRAY_RESOURCE", "the statement names no resource and so does nothing", element)


def _lists(statement: Statement, report: Report) -> None:
    for name in _LISTS:
        element = statement.node.get(name)
        for node in element.items if isinstance(element, Array) else [element]:
            if node is not None and not isinstance(node, Text):
                _mismatch(node, "string", report)


def _condition(statement: Statement, report: Report) -> None:
    condition = statement.node.get("Condition")
    if condition is None:
        return
    if not isinstance(condition, Object):
        _mismatch(condition, "object", report)
        return
    if not condition.members:
        report.add("EMPTY_OBJECT_CONDITION", "the Condition is empty and so does nothing", condition)
    for operator, block in condition.members:
        if not isinstance(block, Object):
            _mismatch(block, "object", report)
        elif not block.members:
            message = f"the block of {show(operator.value)} is empty and so does nothing"
            report.add("EMPTY_OBJECT_CONDITION", message, block)


def _names(node: Object, names: tuple[str, ...], report: Report, what: str) -> None:
    lower: Mapping[str, str] = {name.lower(): name for name in names}
    for key, _ in node.members:
        if key.value in names:
            continue
        near = lower.get(key.value.lower())
        meant = f"; did you mean `{near}`?" if near else report.meant(key.value, names)
        report.add(
            "INVALID_POLICY_ELEMENT", f"{what} of this type has no element {show(key.value)}{meant}", key
        )


def _mismatch(node: Node, wanted: str, report: Report) -> None:
    shown = f" ({show(node.value)})" if isinstance(node, Scalar) else ""
    report.add("DATA_TYPE_MISMATCH", f"this is of type {node.kind}{shown} and must be of type {wanted}", node)


POLICY_CHECKS = (_characters, _top, _version, _statements, _sids)
STATEMENT_CHECKS = (
    _statement_names, _sid, _effect, _action, _resource, _lists, _condition,
)  # fmt: skip
