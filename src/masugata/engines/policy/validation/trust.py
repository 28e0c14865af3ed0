"""What holds for the trust policies of roles only: who assumes by which action, and identity providers."""

import re
from typing import Final

from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Statement
from masugata.engines.policy.validation._tree import Text

_SAML = re.compile(r"arn:[^:]+:iam::[0-9]{12}:saml-provider/.+")
_OIDC = re.compile(r"arn:[^:]+:iam::[0-9]{12}:oidc-provider/(.+)")
_DOMAIN = re.compile(r"[a-zA-Z0-9\-]+(?:\.[a-zA-Z0-9\-]+)+")
_SESSION = re.compile(r"(arn:[^:]+):(?:sts|iam)::([0-9]{12}):assumed-role/([^/]+)/.+")
_ROLE = re.compile(r"(arn:[^:]+):iam::([0-9]{12}):role/(?:.*/)?([^/]+)")
_GITHUB: Final = "token.actions.githubusercontent.com"
_ROLES_ANYWHERE: Final = "rolesanywhere.amazonaws.com"
# Which action each kind of caller assumes a role by.
_ACTION_OF: Final = {
    "saml": "sts:assumerolewithsaml",
    "oidc": "sts:assumerolewithwebidentity",
    "other": "sts:assumerole",
}
# Who sets the value of a key needs an action beside AssumeRole.
_ACTION_FOR_KEY: Final = {
    "sts:sourceidentity": "sts:SetSourceIdentity",
    "sts:transitivetagkeys": "sts:TagSession",
    "aws:requesttag/": "sts:TagSession",
    "aws:tagkeys": "sts:TagSession",
}


def _elements(statement: Statement, report: Report) -> None:
    node = statement.node
    if key := node.key("NotPrincipal"):
        message = "a trust policy says who may assume the role, in Principal, not who may not"
        report.add("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", message, key)
    if key := node.key("Resource") or node.key("NotResource"):
        message = f"a trust policy is about the role that has it; remove {key.value}"
        report.add("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", message, key)
    principal = node.get("Principal")
    if isinstance(principal, Text) and principal.value == "*":
        message = 'a trust policy must not have `"Principal": "*"`; name who may assume the role'
        report.add("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", message, principal)


def _providers(statement: Statement, report: Report) -> None:
    for kind, name in statement.principals():
        if kind.value == "Federated" and not (_SAML.fullmatch(name.value) or _provider(name.value)):
            message = f"{show(name.value)} must be a domain or the ARN of an OIDC or SAML provider"
            report.add("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", message, name)


def _mismatched(statement: Statement, report: Report) -> None:
    callers = [(_ACTION_OF[_caller(kind, name)], name) for kind, name in statement.principals()]
    for action in statement.actions:
        wanted = action.value.lower()
        if wanted not in _ACTION_OF.values() or not report.spend(len(callers)):
            continue
        wrong = [name for by, name in callers if by != wanted]
        if wrong:
            names = ", ".join(show(name.value) for name in wrong[:3])
            message = f"{show(action.value)} is not how {names} assumes a role"
            report.add("MISMATCHED_ACTION_FOR_PRINCIPAL", message, action, *wrong)


def _roles_anywhere(statement: Statement, report: Report) -> None:
    names = [name for _, name in statement.principals() if name.value == _ROLES_ANYWHERE]
    given = {action.value.lower() for action in statement.actions}
    missing = [
        name
        for name in ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
        if name.lower() not in given
    ]
    if names and missing and statement.allows and not given & {"*", "sts:*"}:
        message = f"IAM Roles Anywhere also needs {', '.join(missing)} to assume a role"
        report.add("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", message, names[0])


def _action_for_key(statement: Statement, report: Report) -> None:
    given = {action.value.lower() for action in statement.actions}
    if not statement.allows or any("*" in name or "?" in name for name in given):
        return
    for test in statement.tests:
        needed = _ACTION_FOR_KEY.get(report.knowledge.key_shape(test.lower) or "")
        if needed and needed.lower() not in given and test.needs_key:
            message = f"{show(test.key.value)} has a value only where `{needed}` is allowed too; add it"
            report.add("MISSING_ACTION_FOR_CONDITION_KEY", message, test.key)


def _open_provider(statement: Statement, report: Report) -> None:
    """OIDC providers serve many; without a condition on their claims, all of those may assume the role."""
    for kind, name in statement.principals() if statement.allows else ():
        provider = _provider(name.value) if kind.value == "Federated" else ""
        if not provider or not report.spend(len(statement.keys)):
            continue
        keys = [key for key in statement.keys if key.startswith(f"{provider.lower()}:")]
        if not keys:
            message = (
                f"everybody who signs in at {show(provider)} may assume the role; test its claims,"
                f" `{provider}:aud` or `:sub`"
            )
            report.add("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", message, name)
        if provider == _GITHUB and f"{_GITHUB}:sub" not in keys:
            message = f"every repository of GitHub may assume the role; test `{_GITHUB}:sub`"
            report.add("MISSING_GITHUB_REPO_CONDITION_KEY", message, name)


def _github(statement: Statement, report: Report) -> None:
    if statement.has_key(f"{_GITHUB}:ref"):
        return
    for test in statement.tests if statement.allows else ():
        if test.lower != f"{_GITHUB}:sub" or not test.like:
            continue
        for node, value in test.texts():
            repository, _, rest = value.removeprefix("repo:").partition(":")
            if "*" in repository or "?" in repository or rest in ("", "*"):
                message = f"{show(value)} lets more than one repository or branch in"
                report.add("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", message, node)


def _audience(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        if not test.lower.endswith(":aud"):
            continue
        if test.qualifier == "ForAnyValue":
            message = f"the audience {show(test.key.value)} is one value; remove `ForAnyValue:`"
            report.add("FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", message, test.operator, test.key)
        elif test.qualifier:
            message = (
                f"the audience {show(test.key.value)} is one value in most tokens; remove"
                " `ForAllValues:` if in"
                " yours"
            )
            report.add("CONFIRM_AUDIENCE_CLAIM_TYPE", message, test.operator, test.key)


def _redundant(statement: Statement, report: Report) -> None:
    roles = {
        _ROLE.sub(r"\1 \2 \3", name.value)
        for _, name in statement.principals()
        if _ROLE.fullmatch(name.value)
    }
    for _, name in statement.principals():
        session = _SESSION.fullmatch(name.value)
        if session and f"{session[1]} {session[2]} {session[3]}" in roles:
            message = (
                f"the role of the session {show(name.value)} is named too, which covers all of its sessions"
            )
            report.add("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", message, name)


def _provider(name: str) -> str:
    """The host and path of an OIDC provider, or nothing."""
    found = _OIDC.fullmatch(name)
    if found:
        return found[1]
    return name if _DOMAIN.fullmatch(name) else ""


def _caller(kind: Text, name: Text) -> str:
    if kind.value != "Federated":
        return "other"
    return "saml" if _SAML.fullmatch(name.value) else "oidc"


def _for_trust(statement: Statement, report: Report) -> None:
    if statement.policy_type is PolicyType.TRUST:
        for check in _TRUST_CHECKS:
            check(statement, report)


_TRUST_CHECKS = (
    _elements, _providers, _mismatched, _roles_anywhere, _action_for_key, _open_provider, _github, _audience,
    _redundant,
)  # fmt: skip
CHECKS = (_for_trust,)
