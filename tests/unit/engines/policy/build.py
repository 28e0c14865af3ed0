"""Short ways to say who asks for what under which policies."""

from masugata.engines.policy import (
    Decision,
    Policies,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    compile_policy,
    decide,
)

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
OBJECT = "arn:aws:s3:::shop/menu"
VERSION = "2012-10-17"
ALLOW = "Allow"

ALICE = Principal("user", f"arn:aws:iam::{ACCOUNT}:user/alice", ACCOUNT, unique_id="AIDAALICE")
ROOT = Principal("root", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, unique_id=ACCOUNT)
SESSION = Principal(
    "role-session",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/waiter/monday",
    ACCOUNT,
    unique_id="AROAWAITER:monday",
    issuer_arn=f"arn:aws:iam::{ACCOUNT}:role/staff/waiter",
    issuer_id="AROAWAITER",
)
FEDERATED = Principal(
    "federated",
    f"arn:aws:sts::{ACCOUNT}:federated-user/alice",
    ACCOUNT,
    unique_id=f"{ACCOUNT}:alice",
    issuer_arn=ALICE.arn,
    issuer_id=ALICE.unique_id,
)
ANONYMOUS = Principal("anonymous", "")
LOGS = Principal("service", "logs.amazonaws.com")


def statement(effect="Allow", action="*", resource="*", **elements):
    """One statement; an element given as None is left out."""
    found = {"Effect": effect, "Action": action, "Resource": resource} | elements
    return {name: value for name, value in found.items() if value is not None}


def document(*statements, version=VERSION):
    """A policy document of `statements`."""
    return {"Version": version, "Statement": list(statements)}


def policy_set(type_, *statements, version=VERSION):
    """A set of one policy, named after its type."""
    return PolicySet(
        type_, [compile_policy(document(*statements, version=version), type_, f"the {type_} policy")]
    )


def identity(*statements, version=VERSION):
    """Identity policies."""
    return policy_set(PolicyType.IDENTITY, *statements, version=version)


def ask(
    policies,
    principal=ALICE,
    action="s3:GetObject",
    resource=OBJECT,
    account=ACCOUNT,
    context=None,
) -> Decision:
    """Decide one request; `policies` may be an identity set alone."""
    if isinstance(policies, PolicySet):
        policies = Policies(policies)
    return decide(policies, Request(principal, action, resource, account, context or {}))


def matches(
    element, *, context=None, resource=OBJECT, action="s3:GetObject", version=VERSION, effect="Allow"
):
    """Whether a statement with `element` (a dict) matches a request of Alice's."""
    tested = {"Effect": effect, "Action": "*", "Resource": "*"} | element
    for name in ("Action", "Resource"):
        if f"Not{name}" in tested:
            del tested[name]
    if effect == "Allow":
        return ask(
            identity(tested, version=version), action=action, resource=resource, context=context
        ).allowed
    both = identity(statement(), tested, version=version)
    return ask(both, action=action, resource=resource, context=context).explicit


def holds(operator, policy_value, request_value=None, *, effect="Allow", **context):
    """Whether a condition on the key `x:y` holds; no `request_value` means no such key."""
    asked = dict(context)
    if request_value is not None:
        asked["x:y"] = request_value
    return matches({"Condition": {operator: {"x:y": policy_value}}}, context=asked, effect=effect)
