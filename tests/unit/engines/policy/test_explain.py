"""Explanations: which element of which statement fails, and what could not be understood."""

import json

from masugata.engines.policy import Policies, PolicyType, Request, decide, explain
from unit.engines.policy.build import ACCOUNT, ALICE, OBJECT, identity, policy_set, statement


def _explain(policies, context=None):
    request = Request(ALICE, "s3:GetObject", OBJECT, ACCOUNT, context or {})
    explanation = explain(policies, request)
    assert explanation.decision == decide(policies, request)
    return explanation


def test_failing_elements():
    """Each statement is reported with the first element that does not match."""
    only_lan = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:SecureTransport": True}}
    policies = Policies(
        identity(
            statement(action="ec2:*"),
            statement(resource="arn:aws:s3:::other"),
            statement(Condition=only_lan, Sid="Lan"),
            statement(),
        ),
        resource=policy_set(PolicyType.RESOURCE, statement("Deny", Principal={"AWS": "444455556666"})),
    )
    explanation = _explain(policies, {"AWS:SourceIp": "192.0.2.1"})
    resource, own = explanation.levels
    assert [report.failing for report in own.statements] == ["Action", "Resource", "Condition", None]
    assert [report.failing for report in resource.statements] == ["Principal"]
    assert (own.allowed, own.denied, resource.denied) == (True, False, False)
    lan = own.statements[2]
    assert lan.sid == "Lan"
    tests = {
        test.key: (test.operator, test.policy_values, test.request_values, test.matched)
        for test in lan.conditions
    }
    assert tests == {
        "aws:SourceIp": ("IpAddress", ("10.0.0.0/8",), ("192.0.2.1",), False),
        "aws:SecureTransport": ("Bool", ("true",), None, False),
    }


def test_unknown_operator_is_named():
    """A Deny that matches because its operator is unknown says so, with the operator."""
    strange = {"StringSoundsLike": {"aws:username": "alice"}}
    explanation = _explain(Policies(identity(statement(), statement("Deny", Condition=strange))))
    assert explanation.decision.explicit
    report = explanation.levels[0].statements[1]
    assert report.matched
    assert report.problems == ("unknown condition operator `StringSoundsLike`",)


def test_problems_of_every_element():
    """Unreadable actions, resources and principals are named."""
    policies = Policies(
        identity(statement(action="s3", resource="shop", Principal="*")),
        resource=policy_set(PolicyType.RESOURCE, statement(Principal={"AWS": "alice"})),
    )
    resource, own = _explain(policies).levels
    assert own.statements[0].problems == (
        "a policy of type `identity` must not name a principal",
        "unreadable action `s3`",
        "unreadable resource `shop`",
    )
    assert resource.statements[0].problems == ("unreadable principal `alice` of type `AWS`",)


def test_how_the_caller_is_named():
    """Statements of resource policies say how they name the caller."""
    found = policy_set(
        PolicyType.RESOURCE,
        statement(Principal={"AWS": ALICE.arn}),
        statement(Principal={"AWS": ACCOUNT}),
        statement(Principal="*"),
        statement(NotPrincipal={"AWS": "444455556666"}),
    )
    reports = _explain(Policies(identity(), resource=found)).levels[0].statements
    assert [report.principal for report in reports] == ["CALLER", "ACCOUNT", "ANYONE", "OTHERS"]


def test_levels_in_order():
    """All levels are there, SCPs and RCPs counted from the root."""
    scp = policy_set(PolicyType.SCP, statement())
    everyone = statement(Principal="*")
    policies = Policies(
        identity(statement()),
        boundary=policy_set(PolicyType.BOUNDARY, statement()),
        session=policy_set(PolicyType.SESSION, statement()),
        resource=policy_set(PolicyType.TRUST, everyone),
        scp=(scp, scp),
        rcp=(policy_set(PolicyType.RCP, everyone),),
        vpce=policy_set(PolicyType.VPCE, everyone),
    )
    levels = [(level.type.value, level.depth) for level in _explain(policies).levels]
    assert levels == [
        ("scp", 0), ("scp", 1), ("rcp", 0), ("vpce", 0), ("trust", 0), ("identity", 0), ("boundary", 0),
        ("session", 0),
    ]  # fmt: skip


def test_explanation_is_json():
    """`to_dict` gives plain values: what JSON reads back is what was written."""
    condition = {"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", 1]}}
    plain = _explain(
        Policies(identity(statement(Condition=condition))), {"aws:TagKeys": ["a", "b"]}
    ).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["decision"]["level"] == "identity"
    assert plain["levels"][0]["statements"][0]["conditions"][0]["policy_values"] == ["a", "1"]
