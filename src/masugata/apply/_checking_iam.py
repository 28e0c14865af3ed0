"""The rules of an account's `iam` section."""

import re
from collections.abc import Iterator

from masugata.apply._rules import Rules
from masugata.apply.description import Iam, ManagedPolicy, Principal
from masugata.apply.document import Text
from masugata.apply.managed import aws_policy_arn
from masugata.apply.problems import Placed, shown
from masugata.apply.references import compact, narrowed, rendered
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import policy_size
from masugata.records.iam import SERVICE_LINKED_PATH
from masugata.records.organizations import ACCESS_ROLE
from masugata.services.iam.access_keys import ACCESS_KEYS_PER_USER
from masugata.services.iam.attachments import ATTACHED_POLICIES_PER_ENTITY
from masugata.services.iam.groups import GROUPS_PER_USER
from masugata.services.iam.inline_policies import INLINE_POLICY_SIZES
from masugata.services.iam.policies import POLICY_SIZE
from masugata.services.iam.trust import TRUST_POLICY_SIZE

_ARN = re.compile(r"arn:[a-z-]+:iam::(?:aws|[0-9]{12}|\$\{account:[^}]+\}):policy/.+")
_CREATE = {"user": "CreateUser", "group": "CreateGroup", "role": "CreateRole"}


def check(rules: Rules, iam: Iam) -> None:
    """Check what an account's IAM is to hold."""
    for policy in (iam.policies or {}).values():
        _check_policy(rules, policy)
    for principal in iam.principals():
        _check_principal(rules, iam, principal)
    for role in (iam.roles or {}).values():
        if role.name.lower() == ACCESS_ROLE.lower() or (role.path or "").startswith(SERVICE_LINKED_PATH):
            rules.problems.add(role, f"the role {shown(role.name)} is AWS's own, and cannot be described")
    for section in (iam.policies, iam.groups, iam.users, iam.roles):
        for first, second in _alike(section or {}):
            rules.problems.add(second, f"{shown(first)} and {shown(second.name)} differ only in case")


def _check_policy(rules: Rules, policy: ManagedPolicy) -> None:
    request = {"PolicyName": policy.name, "Path": policy.path or "/", "Description": policy.description or ""}
    rules.model("iam", "CreatePolicy", request, policy)
    rules.tags(policy.tags, policy, "iam")
    rules.document(policy.document, PolicyType.IDENTITY, POLICY_SIZE, policy)
    if aws_policy_arn(policy.name) is not None:
        rules.problems.add(policy, f"{shown(policy.name)} is the name of an AWS managed policy")


def _check_principal(rules: Rules, iam: Iam, principal: Principal) -> None:
    kind = principal.kind
    request: dict[str, object] = {f"{kind.capitalize()}Name": principal.name, "Path": principal.path or "/"}
    if principal.description is not None:
        request["Description"] = principal.description
    if principal.max_session_duration is not None:
        request["MaxSessionDuration"] = principal.max_session_duration
    rules.model("iam", _CREATE[kind], request, principal)
    rules.tags(principal.tags, principal, "iam")
    _check_policies(rules, iam, principal)
    if principal.trust_policy is not None:
        rules.document(principal.trust_policy, PolicyType.TRUST, TRUST_POLICY_SIZE, principal)
    for group in principal.groups or ():
        if group not in (iam.groups or {}):
            rules.problems.add(group, f"there is no group {shown(group)} in the account's `groups`")
    if len(principal.groups or ()) > GROUPS_PER_USER:
        rules.problems.add(principal, f"a user is in at most {GROUPS_PER_USER} groups")
    if (principal.access_keys or 0) > ACCESS_KEYS_PER_USER:
        rules.problems.add(principal, f"a user has at most {ACCESS_KEYS_PER_USER} access keys")


def _check_policies(rules: Rules, iam: Iam, principal: Principal) -> None:
    boundary = principal.permissions_boundary
    for name in (*(principal.policies or ()), *([] if boundary is None else [boundary])):
        _check_reference(rules, iam, name)
    if len(principal.policies or ()) > ATTACHED_POLICIES_PER_ENTITY:
        most = ATTACHED_POLICIES_PER_ENTITY
        rules.problems.add(principal, f"a {principal.kind} has at most {most} policies attached")
    size = 0
    largest = INLINE_POLICY_SIZES[principal.kind.capitalize()]
    for name, document in (principal.inline_policies or {}).items():
        at: Placed = document.node or principal
        rules.model("iam", "PutUserPolicy", {"PolicyName": name}, at)
        rules.document(document, PolicyType.IDENTITY, largest, principal)
        size += policy_size(narrowed(compact(rendered(document.content, lambda _: "0" * 12))))
    if size > largest:
        rules.problems.add(
            principal, f"a {principal.kind}'s inline policies have at most {largest} characters"
        )


def _check_reference(rules: Rules, iam: Iam, name: Text) -> None:
    """A policy of the account's own in the file, one of AWS's by its name, or any by its ARN."""
    rules.references(str(name), name)
    if name in (iam.policies or {}) or _ARN.fullmatch(name) or aws_policy_arn(name):
        return
    rules.problems.add(
        name,
        f"there is no policy {shown(name)} in the account's `iam`, nor is it an AWS managed policy or an ARN",
    )


def _alike(
    section: "dict[str, ManagedPolicy] | dict[str, Principal]",
) -> "Iterator[tuple[str, ManagedPolicy | Principal]]":
    """IAM's names are unique whatever their case."""
    seen: dict[str, str] = {}
    for name, item in section.items():
        if name.lower() in seen:
            yield seen[name.lower()], item
        seen.setdefault(name.lower(), name)
