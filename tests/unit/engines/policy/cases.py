"""The public cases beside the repository, read and made ready for the engine."""

import json
from pathlib import Path

from masugata.engines.policy import (
    Policies,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    compile_policy,
    decide,
)

CASES = Path(__file__).parents[5] / "shared" / "data" / "policy"


def load(kind):
    """The cases of one kind; none where the files are absent."""
    path = CASES / f"{kind}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def principal_of(text, named_role=None, session_name=None):
    """The caller of a case; a role stands for a session of it."""
    if text is None or text == "Anonymous":
        return Principal("anonymous", "")
    segments = text.split(":", 5)
    if len(segments) < 6:
        return Principal("service", text)
    partition, account, (kind, _, name) = segments[1], segments[4], segments[5].partition("/")
    if kind == "user":
        return Principal("user", text, account, partition)
    role, _, given = name.partition("/") if kind == "assumed-role" else (name, "", "session")
    issuer = named_role or f"arn:{partition}:iam::{account}:role/{role}"
    session = f"arn:{partition}:sts::{account}:assumed-role/{role}/{session_name or given}"
    return Principal("role-session", session, account, partition, issuer_arn=issuer)


FULL_ACCESS = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
RCP_FULL_ACCESS = {"Version": "2012-10-17", "Statement": [FULL_ACCESS]}


def _set(type_, documents):
    if documents is None:
        return None
    return PolicySet(type_, [compile_policy(found, type_, str(n)) for n, found in enumerate(documents)])


def policies_of(case):
    """All policies of a case."""
    request, found = case["request"], case["policies"]
    role = request["action"].lower().startswith("sts:assumerole")
    resource_type = PolicyType.TRUST if role else PolicyType.RESOURCE
    return Policies(
        _set(PolicyType.IDENTITY, found["identity"]),
        boundary=_set(PolicyType.BOUNDARY, found["boundary"]),
        session=_set(PolicyType.SESSION, found["session"]),
        resource=_set(resource_type, found["resource"] and [found["resource"]]),
        scp=tuple(_set(PolicyType.SCP, level["docs"]) for level in found["scp"]),
        rcp=tuple(_set(PolicyType.RCP, [RCP_FULL_ACCESS, *level["docs"]]) for level in found["rcp"]),
        vpce=_set(PolicyType.VPCE, found["vpce"]),
        resource_type=resource_type,
    )


def decide_case(case, *, resource=None, context=None, session_name=None):
    """Decide the request of a case, or the same with another resource, context or session."""
    asked = case["request"]
    name = None if asked.get("anonymous") else asked["principal"]
    request = Request(
        principal_of(name, session_name=session_name),
        asked["action"],
        asked["resource"] if resource is None else resource,
        asked["resourceAccount"],
        asked["context"] if context is None else context,
    )
    return decide(policies_of(case), request)


def outcome(decision):
    """In the words of the cases."""
    return "allow" if decision.allowed else "deny_explicit" if decision.explicit else "deny_implicit"
