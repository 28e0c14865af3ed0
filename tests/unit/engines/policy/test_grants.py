"""KMS grants: a way to be allowed beside the key policy.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

import pytest

from masugata.engines.policy import Decision, KeyGrant, Policies, PolicyType, Principal
from unit.engines.policy.build import (
    ACCOUNT,
    ALICE,
    ANONYMOUS,
    LOGS,
    OTHER_ACCOUNT,
    SESSION,
    ask,
    identity,
    policy_set,
    statement,
)

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234"
OPEN = identity(statement())
NOTHING = identity()
DECRYPT = frozenset({"Decrypt", "DescribeKey"})
OWNER_ONLY = policy_set(
    PolicyType.RESOURCE, statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/owner"})
)


def grant(grantee, operations=DECRYPT):
    """A grant of the key."""
    return KeyGrant("0c237476b39f8bc44e45212e08498fbe3151305030726c0590dd8d3e9f3d6a60", grantee, operations)


def key(policies, principal=ALICE, action="kms:Decrypt", account=ACCOUNT, resource=KEY):
    """`allow`, or the level that does not."""
    decision = ask(policies, principal, action, resource, account)
    return "allow" if decision.allowed else decision.level


def test_a_grant_allows_what_neither_key_policy_nor_identity_policy_does():
    """The grantee needs nothing else; the decision names the grant."""
    found = grant(ALICE.arn)
    decision = ask(Policies(NOTHING, resource=OWNER_ONLY, key_grants=(found,)), ALICE, "kms:Decrypt", KEY)
    assert decision == Decision(True, False, PolicyType.RESOURCE, f"grant {found.id}", None, None)


@pytest.mark.parametrize(
    "action", ["kms:Encrypt", "kms:DecryptMore", "kms:ScheduleKeyDeletion", "s3:Decrypt"]
)
def test_a_grant_is_for_its_operations_alone(action):
    """Other operations are as if there were no grant."""
    policies = Policies(NOTHING, resource=OWNER_ONLY, key_grants=(grant(ALICE.arn),))
    assert key(policies, action=action) != "allow"


def test_a_grant_is_for_its_grantee_alone():
    """Another caller, even of the same account, has nothing of it."""
    policies = Policies(OPEN, resource=OWNER_ONLY, key_grants=(grant(f"arn:aws:iam::{ACCOUNT}:user/bob"),))
    assert key(policies) is PolicyType.RESOURCE
    assert key(policies, ANONYMOUS) is PolicyType.RESOURCE
    assert key(policies, LOGS) is PolicyType.RESOURCE


@pytest.mark.parametrize(
    ("grantee", "caller"),
    [("AIDAALICE", ALICE), (SESSION.issuer_arn, SESSION), ("AROAWAITER", SESSION), (SESSION.arn, SESSION),
     (LOGS.arn, LOGS)],
)  # fmt: skip
def test_grantees(grantee, caller):
    """Users, roles, sessions and services can be grantees."""
    assert key(Policies(NOTHING, resource=OWNER_ONLY, key_grants=(grant(grantee),)), caller) == "allow"


def test_an_account_as_grantee_lets_its_identity_policies_decide():
    """As in a key policy, an account delegates."""
    found = (grant(f"arn:aws:iam::{ACCOUNT}:root"),)
    assert key(Policies(NOTHING, resource=OWNER_ONLY, key_grants=found)) is PolicyType.IDENTITY
    assert key(Policies(OPEN, resource=OWNER_ONLY, key_grants=found)) == "allow"


def test_a_boundary_limits_a_session_whose_role_is_the_grantee():
    """A grant counts like an Allow of the key policy that names its grantee."""
    limits = {"boundary": policy_set(PolicyType.BOUNDARY), "resource": OWNER_ONLY}
    role = Policies(NOTHING, key_grants=(grant(SESSION.issuer_arn),), **limits)
    assert key(role, SESSION) is PolicyType.BOUNDARY
    both = Policies(NOTHING, key_grants=(grant(SESSION.issuer_arn), grant(SESSION.arn)), **limits)
    assert key(both, SESSION) == "allow"


def test_across_accounts_a_grant_is_the_other_side_only():
    """The grantee's own account must allow, too."""
    asked = {"account": OTHER_ACCOUNT, "resource": KEY.replace(ACCOUNT, OTHER_ACCOUNT)}
    assert key(Policies(NOTHING, key_grants=(grant(ALICE.arn),)), **asked) is PolicyType.IDENTITY
    assert key(Policies(OPEN, key_grants=(grant(ALICE.arn),)), **asked) == "allow"


@pytest.mark.parametrize("denying", ["identity", "boundary", "resource", "scp", "rcp", "vpce"])
def test_a_grant_does_not_overrule_a_deny(denying):
    """A Deny of any type is final."""
    named = {} if denying in ("identity", "boundary", "scp") else {"Principal": "*"}
    found = policy_set(PolicyType(denying), statement(**named), statement("Deny", **named))
    sets = {"identity": OPEN} | {denying: (found,) if denying in ("scp", "rcp") else found}
    decision = ask(Policies(**sets, key_grants=(grant(ALICE.arn),)), ALICE, "kms:Decrypt", KEY)
    assert decision.explicit


@pytest.mark.parametrize(
    "resource", ["*", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a", "arn:aws:s3:::key/1234"]
)
def test_a_grant_is_of_a_key(resource):
    """For anything but a key it means nothing."""
    assert key(Policies(NOTHING, key_grants=(grant(ALICE.arn),)), resource=resource) is PolicyType.IDENTITY


@pytest.mark.parametrize("grantee", ["*", "", "alice", f"arn:aws:iam::{ACCOUNT}:user/*"])
def test_nobody_in_particular_cannot_be_grantee(grantee):
    """A grant to everyone, or to what cannot be read, is refused."""
    with pytest.raises(ValueError, match="name one principal"):
        grant(grantee)


def test_grants_of_a_stranger_with_the_same_name():
    """The account is part of the name."""
    bob = Principal("user", ALICE.arn.replace(ACCOUNT, OTHER_ACCOUNT), OTHER_ACCOUNT)
    assert (
        key(Policies(OPEN, resource=OWNER_ONLY, key_grants=(grant(ALICE.arn),)), bob) is PolicyType.RESOURCE
    )
