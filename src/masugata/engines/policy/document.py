"""From JSON text to statements: the structure that every type of policy shares.

Reading is strict. What this module does not know it refuses, because an element that is skipped is a
restriction that is lost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from masugata.engines.common.strict_json import read_json
from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.wording import Defect, malformed

VERSIONS = ("2008-10-17", "2012-10-17")

_TOP_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
        "Condition",
    }
)  # fmt: skip
_DEEPEST = 16  # a policy needs seven levels


class Number(str):
    """A JSON number, as it was written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class RawStatement:
    """One statement as written; None where an element is absent, `negated_…` for the Not… form."""

    allow: bool
    sid: str | None
    principal: Any
    negated_principal: bool
    actions: tuple[str, ...] | None
    negated_action: bool
    resources: tuple[str, ...] | None
    negated_resource: bool
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document whose structure is sound; `version` is None where it is absent."""

    version: str | None
    id: str | None
    statements: tuple[RawStatement, ...]


def read_document(document: str | bytes | Mapping[str, Any], policy_type: PolicyType) -> Document:
    """Parse a policy document and check its structure; raises `MalformedPolicyError`."""
    top = _load(document, policy_type)
    if not isinstance(top, dict):
        raise malformed(policy_type, Defect.JSON, where="the document")
    for element in top:
        if element not in _TOP_ELEMENTS:
            raise malformed(policy_type, Defect.UNKNOWN_ELEMENT, element, where="the document")
    version, identifier, statements = top.get("Version"), top.get("Id"), top.get("Statement")
    if "Version" in top and (version.__class__ is not str or version not in VERSIONS):
        raise malformed(policy_type, Defect.VERSION, str(version), where="Version")
    if "Id" in top and identifier.__class__ is not str:
        raise malformed(policy_type, Defect.WRONG_TYPE, where="Id")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise malformed(policy_type, Defect.NO_STATEMENT, where="Statement")
    return Document(
        version,
        identifier,
        tuple(_Reader(policy_type, index).read(raw) for index, raw in enumerate(statements)),
    )


def _load(document: str | bytes | Mapping[str, Any], policy_type: PolicyType) -> Any:
    try:
        if isinstance(document, Mapping):
            document = json.dumps(dict(document), allow_nan=False)
        elif isinstance(document, bytes):
            document = document.decode()
        return read_json(document, levels=_DEEPEST, whole=Number, fraction=Number)
    except (ValueError, TypeError, RecursionError) as error:
        raise malformed(policy_type, Defect.JSON, where=f"the document: {error}") from None


class _Reader:
    """Reads one statement, knowing where it is for the sake of the error."""

    __slots__ = ("_type", "_where")

    def __init__(self, policy_type: PolicyType, index: int) -> None:
        self._type = policy_type
        self._where = f"Statement[{index}]"

    def read(self, raw: Any) -> RawStatement:
        if not isinstance(raw, dict):
            self._fail(Defect.WRONG_TYPE)
        for element in raw:
            if element not in _STATEMENT_ELEMENTS:
                self._fail(Defect.UNKNOWN_ELEMENT, element)
        for element in ("Principal", "Action", "Resource"):
            if element in raw and f"Not{element}" in raw:
                self._fail(Defect.CONFLICT, f"Not{element}")
        if "Sid" in raw and raw["Sid"].__class__ is not str:
            self._fail(Defect.WRONG_TYPE, "Sid")
        negated_principal = "NotPrincipal" in raw
        return RawStatement(
            allow=self._effect(raw) == "Allow",
            sid=raw.get("Sid"),
            principal=self._principal(raw, "NotPrincipal" if negated_principal else "Principal"),
            negated_principal=negated_principal,
            actions=self._strings(raw, "Action"),
            negated_action="NotAction" in raw,
            resources=self._strings(raw, "Resource"),
            negated_resource="NotResource" in raw,
            conditions=tuple(self._conditions(raw)),
        )

    def _effect(self, raw: dict[str, Any]) -> str:
        effect = raw.get("Effect")
        if effect is None:
            self._fail(Defect.EFFECT_MISSING)
        if effect.__class__ is not str or effect not in ("Allow", "Deny"):
            self._fail(Defect.EFFECT, str(effect))
        return str(effect)

    def _strings(self, raw: dict[str, Any], element: str) -> tuple[str, ...] | None:
        """The strings of `element` or its Not… form, or None if the statement has neither."""
        name = element if element in raw else f"Not{element}"
        if name not in raw:
            return None
        values = raw[name] if isinstance(raw[name], list) else [raw[name]]
        if any(value.__class__ is not str for value in values):
            self._fail(Defect.WRONG_TYPE, name)
        return tuple(values)

    def _principal(self, raw: dict[str, Any], element: str) -> Any:
        """A string, or a dict from type to a tuple of strings, or None if there is no such element."""
        principal = raw.get(element)
        if element not in raw or principal.__class__ is str:
            return principal
        if not isinstance(principal, dict):
            self._fail(Defect.WRONG_TYPE, "Principal")
        return {kind: self._strings({kind: values}, kind) for kind, values in principal.items()}

    def _conditions(self, raw: dict[str, Any]) -> list[tuple[str, str, tuple[str, ...]]]:
        block = raw.get("Condition", {})
        if not isinstance(block, dict):
            self._fail(Defect.WRONG_TYPE, "Condition")
        conditions = []
        for operator, tests in block.items():
            if not isinstance(tests, dict):
                self._fail(Defect.WRONG_TYPE, operator)
            for key, values in tests.items():
                values = values if isinstance(values, list) else [values]  # noqa: PLW2901
                conditions.append((operator, key, tuple(self._scalar(value, key) for value in values)))
        return conditions

    def _scalar(self, value: Any, key: str) -> str:
        if value is True or value is False:
            return "true" if value else "false"
        if not isinstance(value, str):
            self._fail(Defect.WRONG_TYPE, key)
        return str(value)

    def _fail(self, defect: Defect, subject: str = "") -> NoReturn:
        raise malformed(self._type, defect, subject, where=self._where)
