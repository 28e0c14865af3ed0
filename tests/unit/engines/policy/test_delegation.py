"""KMS keys and role trust: where identity policies count only if the account is trusted."""

import pytest

from masugata.engines.policy import Policies, PolicyType, Principal
from unit.engines.policy.build import (
    ACCOUNT,
    ALICE,
    FEDERATED,
    LOGS,
    OTHER_ACCOUNT,
    ROOT,
    SESSION,
    ask,
    identity,
    policy_set,
    statement,
)

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cook"
OPEN = identity(statement())
NOTHING = identity()
IDP = Principal("federated", f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com", ACCOUNT)


def key(policies, principal=ALICE, **asked):
    """Decide about decrypting with a key."""
    decision = ask(policies, principal, **({"action": "kms:Decrypt", "resource": KEY} | asked))
    return "allow" if decision.allowed else decision.level


def assume(policies, principal=ALICE, action="sts:AssumeRole", account=ACCOUNT):
    """Decide about assuming a role."""
    decision = ask(policies, principal, action, ROLE, account)
    return "allow" if decision.allowed else decision.level


def key_policy(principal):
    """A key policy that allows `principal` everything."""
    return policy_set(PolicyType.RESOURCE, statement(Principal={"AWS": principal}))


def trust(principal, action="sts:AssumeRole"):
    """A trust policy that trusts `principal`."""
    return policy_set(PolicyType.TRUST, statement(action=action, resource=None, Principal=principal))


def test_key_policy_is_mandatory():
    """Without a key policy that allows the caller or its account nobody uses a key, not even root."""
    assert key(Policies(OPEN)) is PolicyType.RESOURCE
    assert key(Policies(OPEN, resource=key_policy(SESSION.arn))) is PolicyType.RESOURCE
    assert key(Policies(None), ROOT) is PolicyType.RESOURCE


def test_key_policy_that_trusts_the_account():
    """The account principal lets identity policies decide."""
    trusting = key_policy(f"arn:aws:iam::{ACCOUNT}:root")
    assert key(Policies(OPEN, resource=trusting)) == "allow"
    assert key(Policies(NOTHING, resource=trusting)) is PolicyType.IDENTITY
    assert key(Policies(None, resource=trusting), ROOT) == "allow"


def test_key_policy_that_names_the_caller():
    """A direct grant needs no identity policy."""
    assert key(Policies(NOTHING, resource=key_policy(ALICE.arn))) == "allow"
    assert key(Policies(NOTHING, resource=key_policy(SESSION.issuer_arn)), SESSION) == "allow"


def test_keys_across_accounts():
    """Another account's key needs both sides."""
    elsewhere = {"resource": KEY.replace(ACCOUNT, OTHER_ACCOUNT), "account": OTHER_ACCOUNT}
    assert key(Policies(OPEN, resource=key_policy(ACCOUNT)), **elsewhere) == "allow"
    assert key(Policies(NOTHING, resource=key_policy(ALICE.arn)), **elsewhere) is PolicyType.IDENTITY
    assert key(Policies(OPEN), **elsewhere) is PolicyType.RESOURCE


def test_other_kms_resources_follow_the_usual_rules():
    """Aliases and `*` are authorized by identity policies alone."""
    alias = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/shop"
    assert key(Policies(OPEN), action="kms:DeleteAlias", resource=alias) == "allow"
    assert key(Policies(OPEN), action="kms:CreateKey", resource="*") == "allow"


@pytest.mark.parametrize("action", ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"])
def test_reserved_aliases(action):
    """Nobody changes an alias of AWS's own keys."""
    alias = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/s3"
    decision = ask(OPEN, action=action, resource=alias)
    assert (decision.allowed, decision.explicit, decision.level) == (False, False, None)
    assert decision.reserved == "aliases that start with alias/aws/ are reserved"
    assert key(Policies(None), ROOT, action=action, resource=alias) is None


def test_trust_in_the_same_account():
    """A named caller needs no identity policy, a trusted account's caller does."""
    assert assume(Policies(NOTHING, resource=trust({"AWS": ALICE.arn}))) == "allow"
    assert assume(Policies(NOTHING, resource=trust({"AWS": "AIDAALICE"}))) == "allow"
    assert assume(Policies(NOTHING, resource=trust({"AWS": "AROAWAITER"})), SESSION) == "allow"
    assert assume(Policies(NOTHING, resource=trust({"AWS": ACCOUNT}))) is PolicyType.IDENTITY
    assert assume(Policies(OPEN, resource=trust({"AWS": ACCOUNT}))) == "allow"


def test_no_trust():
    """Without trust no identity policy helps."""
    assert assume(Policies(OPEN, resource=trust({"AWS": SESSION.arn}))) is PolicyType.TRUST
    assert assume(Policies(OPEN, resource_type=PolicyType.TRUST)) is PolicyType.TRUST


@pytest.mark.parametrize("caller", [ALICE, SESSION])
def test_denials_do_not_say_whether_a_role_exists(caller):
    """Whose identity policies allow nothing hears the same of a missing role as of one it might assume."""
    trusting = trust({"AWS": ACCOUNT})
    assert assume(Policies(NOTHING, resource=trusting), caller) is PolicyType.IDENTITY
    assert (
        assume(Policies(NOTHING, resource=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"})), caller)
        is PolicyType.IDENTITY
    )
    assert assume(Policies(NOTHING, resource_type=PolicyType.TRUST), caller) is PolicyType.IDENTITY
    assert assume(Policies(None, resource_type=PolicyType.TRUST), ROOT) is PolicyType.TRUST


def test_trust_across_accounts():
    """Another account's role needs both sides."""
    assert assume(Policies(OPEN, resource=trust({"AWS": ACCOUNT})), account=OTHER_ACCOUNT) == "allow"
    named = trust({"AWS": ALICE.arn})
    assert assume(Policies(NOTHING, resource=named), account=OTHER_ACCOUNT) is PolicyType.IDENTITY
    stranger = trust({"AWS": SESSION.arn})
    assert assume(Policies(OPEN, resource=stranger), account=OTHER_ACCOUNT) is PolicyType.TRUST


def test_boundary_limits_a_session_that_its_role_is_trusted():
    """Trust in a role bypasses the identity policy of its sessions but not their boundary."""
    limited = Policies(
        NOTHING, boundary=policy_set(PolicyType.BOUNDARY), resource=trust({"AWS": SESSION.issuer_arn})
    )
    assert assume(limited, SESSION) is PolicyType.BOUNDARY


def test_services_and_identity_providers():
    """They assume roles by trust alone."""
    assert assume(Policies(None, resource=trust({"Service": LOGS.arn})), LOGS) == "allow"
    web = {"action": "sts:AssumeRoleWithWebIdentity"}
    trusted = trust({"Federated": IDP.arn}, action="sts:AssumeRoleWithWebIdentity")
    assert assume(Policies(None, resource=trusted), IDP, **web) == "allow"
    assert assume(Policies(OPEN, resource=trusted), FEDERATED, **web) is PolicyType.TRUST


def test_tags_and_source_identity_are_actions_of_their_own():
    """Trust that allows only AssumeRole does not allow to pass session tags or a source identity."""
    only = trust({"AWS": ALICE.arn})
    for action in ("sts:TagSession", "sts:SetSourceIdentity"):
        assert assume(Policies(OPEN, resource=only), action=action) is PolicyType.TRUST
