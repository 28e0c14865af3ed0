"""AWS's words for every kind of denial."""

import pytest

from masugata.authorization.access import Access
from masugata.authorization.denial import denied, reason, shows_policy
from masugata.engines.policy import Decision, PolicyType
from unit.authorization.world import ACCOUNT_ID, OTHER_ID, World

WORDS = {
    PolicyType.IDENTITY: ("identity-based policy", "an identity-based policy"),
    PolicyType.BOUNDARY: ("permissions boundary", "a permissions boundary"),
    PolicyType.SESSION: ("session policy", "a session policy"),
    PolicyType.RESOURCE: ("resource-based policy", "a resource-based policy"),
    PolicyType.TRUST: ("role trust policy", "the role trust policy"),
    PolicyType.SCP: ("service control policy", "a service control policy"),
    PolicyType.RCP: ("resource control policy", "a resource control policy"),
    PolicyType.VPCE: ("VPC endpoint policy", "a VPC endpoint policy"),
}


def explicit(level: PolicyType, policy: str | None = "inline policy p", sid: str | None = None) -> Decision:
    """An explicit deny by the third statement of a policy."""
    return Decision(allowed=False, explicit=True, level=level, policy=policy, statement=2, sid=sid)


def implicit(level: PolicyType | None) -> Decision:
    """A denial because nothing allows."""
    return Decision(allowed=False, explicit=False, level=level, policy=None, statement=None, sid=None)


@pytest.mark.parametrize("level", PolicyType)
def test_implicit(level: PolicyType) -> None:
    """The level that does not allow is named."""
    expected = f"because no {WORDS[level][0]} allows the iam:GetUser action"
    assert reason("iam:GetUser", implicit(level)) == expected


@pytest.mark.parametrize("level", PolicyType)
def test_explicit(level: PolicyType) -> None:
    """The level that denies is named with its article, and the policy and statement after it."""
    expected = f"with an explicit deny in {WORDS[level][1]}: inline policy p, statement 2"
    assert reason("iam:GetUser", explicit(level)) == expected


def test_statement_goes_by_its_sid() -> None:
    """A statement that has a Sid is named by it."""
    text = reason("iam:GetUser", explicit(PolicyType.IDENTITY, sid="NoUsers"))
    assert text.endswith(": inline policy p, statement NoUsers")


def test_policy_without_a_name() -> None:
    """Without a policy's name there is nothing to add to the level."""
    text = reason("iam:GetUser", explicit(PolicyType.IDENTITY, policy=None))
    assert text == "with an explicit deny in an identity-based policy"


def test_no_level_is_the_identity_policy() -> None:
    """A denial of no level is worded as AWS's first."""
    expected = "because no identity-based policy allows the iam:GetUser action"
    assert reason("iam:GetUser", implicit(None)) == expected


def test_whole_message() -> None:
    """Who, what, on what, and why; 403."""
    alice = World().alice()
    access = Access(action="iam:GetUser", resource="*", resource_account=None)
    error = denied(alice, access, implicit(PolicyType.IDENTITY), named=True)
    assert (error.code, error.status) == ("AccessDenied", 403)
    assert error.message == (
        f"User: {alice.arn} is not authorized to perform: iam:GetUser on resource: * "
        "because no identity-based policy allows the iam:GetUser action"
    )


@pytest.mark.parametrize(
    ("resource", "shown"),
    [
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "policy arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("arn:aws:iam::111122223333:role/aws-reserved/x", "arn:aws:iam::111122223333:role/aws-reserved/x"),
    ],
)
def test_what_aws_keeps_for_itself_has_no_policy_to_name(resource: str, shown: str) -> None:
    """AWS's own text for a change of its own policies, which no policy could allow."""
    alice = World().alice()
    kept = Decision(False, False, None, None, None, None, reserved="AWS managed policies cannot be changed")
    access = Access(action="iam:DeletePolicy", resource=resource, resource_account="aws")
    assert denied(alice, access, kept, named=True).message == (
        f"User: {alice.arn} is not authorized to perform: iam:DeletePolicy on resource: {shown}"
    )
    assert reason("iam:DeletePolicy", kept) == "because AWS managed policies cannot be changed"


@pytest.mark.parametrize("level", PolicyType)
@pytest.mark.parametrize("account", [ACCOUNT_ID, OTHER_ID, None])
@pytest.mark.parametrize("together", [True, False])
def test_policies_of_another_account_stay_unnamed(
    level: PolicyType, account: str | None, together: bool
) -> None:
    """What lies on the resource's side is named only to its own account; the caller's side always is.

    A resource control policy is the organization's, so it is named in all of it.
    """
    access = Access(action="sts:AssumeRole", resource="r", resource_account=account)
    alice, decision = World().alice(), explicit(level)
    named = shows_policy(alice, access, decision, one_organization=together)
    theirs = level in {PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.RCP, PolicyType.VPCE}
    shared = together and level is PolicyType.RCP
    assert named == (not theirs or account != OTHER_ID or shared)
    assert ("inline policy p" in denied(alice, access, decision, named=named).message) == named
