"""The full grammar of a policy of each type, checked when it is written.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
and, for service and resource control policies, the Organizations user guide.
"""

import re
from collections.abc import Mapping
from typing import NoReturn

from masugata.engines.common import compile_glob, tokenize
from masugata.engines.policy.document import VERSIONS, Document, RawStatement, read_document
from masugata.engines.policy.operators import is_operator
from masugata.engines.policy.principals import Principals
from masugata.engines.policy.resource_grammar import check_resource
from masugata.engines.policy.types import IDENTITY_TYPES, ORGANIZATION_TYPES, PRINCIPAL_TYPES, PolicyType
from masugata.engines.policy.values import parse_date
from masugata.engines.policy.wording import Defect, MalformedPolicyError, malformed

__all__ = ["MalformedPolicyError", "policy_size", "validate_policy"]

_UNALLOWED_CHARACTER = re.compile(r"[^\t\n\r\x20-\xff]")
_WHITE_SPACE = re.compile(r"\s")
_SID = re.compile(r"[A-Za-z0-9]*")
_VENDOR = re.compile(r"[A-Za-z0-9\-.]+")
_ACTION_NAME = re.compile(r"[^\s,:]+")
# All that a trust policy may speak of, in lower case.
_TRUST_ACTIONS = (
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:setcontext",
    "sts:setsourceidentity",
    "sts:tagsession",
)
# Where Sid is free text: services like KMS write sentences into it.
_FREE_SID_TYPES = frozenset({PolicyType.RESOURCE, PolicyType.VPCE})


def validate_policy(text: str | bytes, type: PolicyType) -> None:  # noqa: A002
    """Check the grammar of a policy of `type`; raises `MalformedPolicyError` with AWS's text.

    Sizes and the existence of principals are for the service that stores the policy to check.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            raise malformed(type, Defect.JSON, where=f"byte {error.start}: not UTF-8") from None
    found = _UNALLOWED_CHARACTER.search(text)
    if found:
        character = f"U+{ord(found[0]):04X}"
        raise malformed(type, Defect.JSON, where=f"position {found.start()}: {character} is not allowed")
    document = read_document(text, type)
    _check_top(document, type)
    for index, statement in enumerate(document.statements):
        _StatementCheck(statement, type, f"Statement[{index}]").run()


def policy_size(text: str, type: PolicyType = PolicyType.IDENTITY) -> int:  # noqa: A002
    """Characters as AWS counts them against its quotas: IAM without white space, Organizations with it.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
    """
    return len(text if type in ORGANIZATION_TYPES else _WHITE_SPACE.sub("", text))


def _check_top(document: Document, policy_type: PolicyType) -> None:
    if policy_type in ORGANIZATION_TYPES and document.version != VERSIONS[-1]:
        raise malformed(policy_type, Defect.VERSION_OLD, str(document.version), where="Version")
    if document.id is not None and (policy_type in IDENTITY_TYPES or policy_type in ORGANIZATION_TYPES):
        raise malformed(policy_type, Defect.UNKNOWN_ELEMENT, "Id", where="the document")
    if not document.statements:
        raise malformed(policy_type, Defect.NO_STATEMENT, where="Statement")
    seen: set[str] = set()
    for index, statement in enumerate(document.statements):
        where = f"Statement[{index}]"
        sid = statement.sid or ""
        if policy_type not in _FREE_SID_TYPES and not _SID.fullmatch(sid):
            raise malformed(policy_type, Defect.SID, sid, where=where)
        if sid and sid in seen:
            raise malformed(policy_type, Defect.SID_DUPLICATE, sid, where=where)
        seen.add(sid)


class _StatementCheck:
    """The checks of one statement, in the order in which AWS reports them."""

    __slots__ = ("_statement", "_type", "_where")

    def __init__(self, statement: RawStatement, policy_type: PolicyType, where: str) -> None:
        self._statement = statement
        self._type = policy_type
        self._where = where

    def run(self) -> None:
        if self._type is PolicyType.RCP and (self._statement.allow or self._statement.negated_action):
            self._fail(Defect.EFFECT, "only Deny with Action")
        self._check_principal()
        self._check_actions()
        self._check_resources()
        self._check_conditions()

    def _check_principal(self) -> None:
        statement, principal = self._statement, self._statement.principal
        if self._type not in PRINCIPAL_TYPES:
            if principal is not None or statement.negated_principal:
                self._fail(Defect.PRINCIPAL_PROHIBITED, "Principal")
            return
        if principal is None:
            self._fail(Defect.PRINCIPAL_MISSING)
        if statement.negated_principal:
            self._check_not_principal()
        if self._type is PolicyType.RCP and principal != "*":
            self._fail(Defect.PRINCIPAL, 'only "Principal": "*"')
        self._check_principal_values(principal)

    def _check_not_principal(self) -> None:
        if self._statement.allow:
            self._fail(Defect.NOT_PRINCIPAL_ALLOW)
        if self._type in (PolicyType.TRUST, PolicyType.RCP):
            self._fail(Defect.PRINCIPAL_PROHIBITED, "NotPrincipal")

    def _check_principal_values(self, principal: str | Mapping[str, tuple[str, ...]]) -> None:
        if isinstance(principal, str):
            if principal != "*":
                self._fail(Defect.PRINCIPAL, f'"{principal}"')
            if self._type is PolicyType.TRUST:
                self._fail(Defect.PRINCIPAL_STAR)
            return
        if not principal or not all(principal.values()):
            self._fail(Defect.PRINCIPAL_EMPTY)
        for kind, values in principal.items():
            for value in values:
                self._check_principal_value(kind, value)

    def _check_principal_value(self, kind: str, value: str) -> None:
        if kind == "CanonicalUser" and self._type is PolicyType.RESOURCE:
            return
        if Principals({kind: (value,)}, negated=False, allow=True).problem or not value:
            self._fail(Defect.PRINCIPAL, f'"{kind.upper()}":"{value}"')

    def _check_actions(self) -> None:
        if not self._statement.actions:
            self._fail(Defect.ACTION_MISSING)
        if self._type is PolicyType.TRUST and self._statement.negated_action:
            self._fail(Defect.ACTION_NOT_STS, "NotAction")
        for action in self._statement.actions:
            self._check_action(action)

    def _check_action(self, action: str) -> None:
        trust = self._type is PolicyType.TRUST
        if action == "*":
            if trust:
                self._fail(Defect.ACTION_NOT_STS, action)
            if self._type is PolicyType.RCP:
                self._fail(Defect.ACTION, action)
            return
        vendor, colon, name = action.partition(":")
        if not colon:
            self._fail(Defect.ACTION_VENDOR, action)
        if ":" in name:
            self._fail(Defect.ACTION_COLONS, action)
        if not _VENDOR.fullmatch(vendor):
            self._fail(Defect.ACTION_VENDOR_NAME, vendor)
        if not _ACTION_NAME.fullmatch(name):
            self._fail(Defect.ACTION, action)
        if trust and not _is_trust_action(action):
            self._fail(Defect.ACTION_NOT_STS, action)

    def _check_resources(self) -> None:
        statement = self._statement
        if self._type is PolicyType.TRUST:
            if statement.resources is not None:
                negated = statement.negated_resource
                self._fail(Defect.NOT_RESOURCE_PROHIBITED if negated else Defect.RESOURCE_PROHIBITED)
            return
        if not statement.resources:
            self._fail(Defect.RESOURCE_MISSING)
        for resource in statement.resources:
            found = check_resource(resource, self._type)
            if found is not None:
                self._fail(*found)

    def _check_conditions(self) -> None:
        for operator, key, values in self._statement.conditions:
            if not is_operator(operator):
                self._fail(Defect.OPERATOR, operator)
            if ":" not in key:
                self._fail(Defect.ACTION_VENDOR, key)
            if "Date" in operator and any(parse_date(value) is None for value in values):
                self._fail(Defect.CONDITION_VALUE, key)

    def _fail(self, defect: Defect, *subjects: str) -> NoReturn:
        raise malformed(self._type, defect, *subjects, where=self._where)


def _is_trust_action(action: str) -> bool:
    """Whether `action`, which may have wildcards, reaches an action of trust policies."""
    return any(map(compile_glob(tokenize(action.lower())), _TRUST_ACTIONS))
