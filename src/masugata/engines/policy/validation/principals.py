"""Principal and NotPrincipal: who may stand there, in which policies, and in which form."""

import re
from typing import Final

from masugata.engines.policy.types import IDENTITY_TYPES, PolicyType
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Statement
from masugata.engines.policy.validation._tree import Array, Node, Object, Text

_KINDS: Final = ("AWS", "CanonicalUser", "Federated", "Service")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ROLE_ID = re.compile(r"AROA[A-Z0-9]+(?::.+)?")
_USER_ID = re.compile(r"AIDA[A-Z0-9]+(?::.+)?")
_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+")
SERVICE_PRINCIPAL = re.compile(
    r"[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.(?:amazonaws\.(?:com|com\.cn|eu)|aws\.internal)"
)


def _presence(statement: Statement, report: Report) -> None:
    node, policy_type = statement.node, statement.policy_type
    key = node.key("Principal") or node.key("NotPrincipal")
    if policy_type in IDENTITY_TYPES and key:
        message = f"a policy of type `{policy_type}` is about whoever carries it; remove {key.value}"
        report.add("UNSUPPORTED_PRINCIPAL", message, key)
    elif policy_type is PolicyType.SCP and key:
        message = (
            "an SCP is about the accounts below it; use `aws:PrincipalArn` in a condition instead of"
            f" {key.value}"
        )
        report.add("SCP_SYNTAX_ERROR_PRINCIPAL", message, key)
    elif policy_type not in IDENTITY_TYPES and policy_type is not PolicyType.SCP and not key:
        report.add("MISSING_PRINCIPAL", f"a policy of type `{policy_type}` must say whom it is about", node)


def _form(statement: Statement, report: Report) -> None:
    if statement.policy_type in IDENTITY_TYPES or statement.policy_type in (PolicyType.SCP, PolicyType.RCP):
        return
    element = statement.node.get("Principal") or statement.node.get("NotPrincipal")
    if element is None or (isinstance(element, Text) and element.value == "*"):
        return
    if not isinstance(element, Object):
        code = "INVALID_PRINCIPAL_FORMAT" if isinstance(element, Text) else "DATA_TYPE_MISMATCH"
        report.add(code, 'a principal is `"*"` or an object like `{"AWS": "111122223333"}`', element)
        return
    if not element.members:
        report.add("EMPTY_OBJECT_PRINCIPAL", "the statement names no principal and so does nothing", element)
    for kind, value in element.members:
        if kind.value not in _KINDS or (
            kind.value == "CanonicalUser" and statement.policy_type is not PolicyType.RESOURCE
        ):
            message = f"{show(kind.value)} is no type of principal here{report.meant(kind.value, _KINDS)}"
            report.add("INVALID_PRINCIPAL_KEY", message, kind)
        else:
            _names(kind, value, report)


def _names(kind: Text, value: Node, report: Report) -> None:
    items = value.items if isinstance(value, Array) else [value]
    if not items:
        report.add(
            "EMPTY_ARRAY_PRINCIPAL", f"{show(kind.value)} names no principal and so does nothing", value
        )
    for node in items:
        if not isinstance(node, Text):
            report.add("DATA_TYPE_MISMATCH", f"this is of type {node.kind} and must be of type string", node)
        elif kind.value == "AWS" and node.value == "*":
            continue
        elif "*" in node.value or "?" in node.value:
            message = f"{show(node.value)} has a wildcard, which stands for nothing in a principal"
            report.add("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", message, node)
        else:
            _name(kind.value, node, report)


def _name(kind: str, node: Text, report: Report) -> None:
    name = node.value
    if kind == "Service" and not SERVICE_PRINCIPAL.fullmatch(name):
        message = f"{show(name)} must be a service's name in lower case, like `ec2.amazonaws.com`"
        report.add("INVALID_SERVICE_PRINCIPAL_FORMAT", message, node)
    if kind != "AWS":
        return
    if _ROLE_ID.fullmatch(name):
        report.add("INVALID_ROLE_REFERENCE", f"{show(name)} is a role's id; name the role by its ARN", node)
    elif _USER_ID.fullmatch(name):
        report.add("INVALID_USER_REFERENCE", f"{show(name)} is a user's id; name the user by its ARN", node)
    elif not _ACCOUNT.fullmatch(name) and not _ARN.fullmatch(name):
        message = f"{show(name)} must be an ARN, or an account's twelve digits"
        report.add("INVALID_PRINCIPAL_FORMAT", message, node)


def _federated(statement: Statement, report: Report) -> None:
    if statement.policy_type not in (PolicyType.RESOURCE, PolicyType.VPCE):
        return
    for kind, name in statement.principals():
        if kind.value == "Federated":
            message = f"an identity provider like {show(name.value)} can stand in trust policies only"
            report.add("FEDERATED_PRINCIPAL_NOT_SUPPORTED", message, name)


def _not_principal(statement: Statement, report: Report) -> None:
    key = statement.node.key("NotPrincipal")
    if key and statement.allows and statement.policy_type in (PolicyType.RESOURCE, PolicyType.VPCE):
        message = (
            "Allow with NotPrincipal allows everybody else, anonymous callers too; name who may in Principal"
        )
        report.add("ALLOW_WITH_NOT_PRINCIPAL", message, key)


CHECKS = (_presence, _form, _federated, _not_principal)
