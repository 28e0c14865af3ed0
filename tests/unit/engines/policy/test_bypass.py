"""What an Allow in a resource policy passes over, for every way to name a principal.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import pytest

from masugata.engines.policy import Policies, PolicyType, Principal
from unit.engines.policy.build import (
    ACCOUNT,
    ALICE,
    ANONYMOUS,
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

NOTHING = identity()
OPEN = identity(statement())
IDP = Principal("federated", f"arn:aws:iam::{ACCOUNT}:saml-provider/idp")
SAME_NAME = Principal("user", ALICE.arn.replace(ACCOUNT, OTHER_ACCOUNT), OTHER_ACCOUNT, unique_id="AIDAOTHER")

# What is missed if identity policy, boundary or session policy is silent.
ALL = ("allow", "allow", "allow")
LIMITED = ("allow", "boundary", "session")
DELEGATED = ("identity", "boundary", "session")
NONE = DELEGATED  # within an account its consent goes without saying
# Services, providers and anonymous callers carry no policies of their own.
BARE = ("allow", "allow", "allow")
NOT_BARE = ("resource", "resource", "resource")

ACCOUNT_ARN = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
FORMS = {
    "user by ARN": ({"AWS": ALICE.arn}, ALICE, ALL),
    "user by unique id": ({"AWS": "AIDAALICE"}, ALICE, ALL),
    "another user": ({"AWS": f"{ALICE.arn}2"}, ALICE, NONE),
    "user of the same name elsewhere": ({"AWS": SAME_NAME.arn}, ALICE, NONE),
    "user who was deleted": ({"AWS": "AIDAGONE"}, ALICE, NONE),
    "role by ARN": ({"AWS": SESSION.issuer_arn}, SESSION, LIMITED),
    "role by unique id": ({"AWS": "AROAWAITER"}, SESSION, LIMITED),
    "role that was deleted and made again": ({"AWS": "AROAGONE"}, SESSION, NONE),
    "role ARN without its path": ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/waiter"}, SESSION, NONE),
    "role session by ARN": ({"AWS": SESSION.arn}, SESSION, ALL),
    "role session by unique id": ({"AWS": "AROAWAITER:monday"}, SESSION, ALL),
    "another session of the role": ({"AWS": SESSION.arn.replace("monday", "sunday")}, SESSION, NONE),
    "federated session by ARN": ({"AWS": FEDERATED.arn}, FEDERATED, ALL),
    "the user behind a federated session": ({"AWS": ALICE.arn}, FEDERATED, LIMITED),
    "the id of the user behind it": ({"AWS": "AIDAALICE"}, FEDERATED, LIMITED),
    "federated session, asked by its user": ({"AWS": FEDERATED.arn}, ALICE, NONE),
    "everyone": ("*", ALICE, ALL),
    "everyone, as a session": ("*", SESSION, ALL),
    "everyone, as a federated session": ("*", FEDERATED, ALL),
    "everyone in AWS": ({"AWS": "*"}, ALICE, ALL),
    "everyone in AWS, as a session": ({"AWS": "*"}, SESSION, ALL),
    "everyone in a list": ({"AWS": [OTHER_ACCOUNT, "*"]}, SESSION, ALL),
    "account by ARN": (ACCOUNT_ARN, ALICE, DELEGATED),
    "account by number": ({"AWS": ACCOUNT}, ALICE, DELEGATED),
    "account by number, as a session": ({"AWS": ACCOUNT}, SESSION, DELEGATED),
    "account by ARN, as a federated session": (ACCOUNT_ARN, FEDERATED, DELEGATED),
    "account of another partition": ({"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"}, ALICE, NONE),
    "another account": ({"AWS": OTHER_ACCOUNT}, ALICE, NONE),
    "service, asked by a user": ({"Service": LOGS.arn}, ALICE, NONE),
    "provider, asked by a user": ({"Federated": IDP.arn}, ALICE, NONE),
    "canonical user, asked by a user": ({"CanonicalUser": "79a59d"}, ALICE, NONE),
    "service": ({"Service": LOGS.arn}, LOGS, BARE),
    "another service": ({"Service": "s3.amazonaws.com"}, LOGS, NOT_BARE),
    "everyone, as a service": ("*", LOGS, BARE),
    "account, as a service": (ACCOUNT_ARN, LOGS, NOT_BARE),
    "provider": ({"Federated": IDP.arn}, IDP, BARE),
    "everyone, as a provider": ("*", IDP, BARE),
    "account, as a provider": (ACCOUNT_ARN, IDP, NOT_BARE),
    "everyone, anonymously": ("*", ANONYMOUS, BARE),
    "everyone in AWS, anonymously": ({"AWS": "*"}, ANONYMOUS, BARE),
    "account, anonymously": (ACCOUNT_ARN, ANONYMOUS, NOT_BARE),
    "canonical user, anonymously": ({"CanonicalUser": "79a59d"}, ANONYMOUS, NOT_BARE),
    "role and its session": ({"AWS": [SESSION.issuer_arn, SESSION.arn]}, SESSION, ALL),
    "account and role": ({"AWS": [ACCOUNT, SESSION.issuer_arn]}, SESSION, LIMITED),
}


def level(decision):
    """`allow`, or the level that did not allow."""
    assert not decision.explicit
    return "allow" if decision.allowed else str(decision.level)


def outcomes(element, caller, account):
    """With an identity policy, a boundary and a session policy that is silent, one at a time."""
    resource = policy_set(PolicyType.RESOURCE, statement(Principal=element))
    silent = (
        Policies(NOTHING, resource=resource),
        Policies(OPEN, boundary=policy_set(PolicyType.BOUNDARY), resource=resource),
        Policies(OPEN, session=policy_set(PolicyType.SESSION), resource=resource),
    )
    return tuple(level(ask(policies, caller, account=account)) for policies in silent)


@pytest.mark.parametrize(("element", "caller", "expected"), FORMS.values(), ids=FORMS)
def test_in_the_same_account(element, caller, expected):
    """Within an account silence is passed over as far as the policy names the caller itself."""
    assert outcomes(element, caller, ACCOUNT) == expected


GRANTED_ACROSS = {name for name, (element, caller, _) in FORMS.items() if "another" not in name} - {
    "user of the same name elsewhere", "user who was deleted", "role that was deleted and made again",
    "role ARN without its path", "federated session, asked by its user", "account of another partition",
    "service, asked by a user", "provider, asked by a user", "canonical user, asked by a user",
    "account, as a service", "account, as a provider", "account, anonymously", "canonical user, anonymously",
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_across_accounts(name):
    """Across accounts nothing is passed over, and the other side must name the caller or its account."""
    element, caller, _ = FORMS[name]
    granted = name in GRANTED_ACROSS
    resource = policy_set(PolicyType.RESOURCE, statement(Principal=element))
    decision = ask(Policies(OPEN, resource=resource), caller, account=OTHER_ACCOUNT)
    assert level(decision) == ("allow" if granted else "resource")
    if not caller.external:
        expected = ("identity", "boundary", "session") if granted else ("identity", "resource", "resource")
        assert outcomes(element, caller, OTHER_ACCOUNT) == expected


@pytest.mark.parametrize("element", ["*", {"AWS": ALICE.arn}])
@pytest.mark.parametrize("denying", ["identity", "boundary", "session", "resource", "vpce", "scp", "rcp"])
def test_an_explicit_deny_is_never_passed_over(element, denying):
    """Whatever a resource policy grants, a Deny of any type is final, in one account and across two."""
    named = {"Principal": "*"} if denying in ("resource", "vpce", "rcp") else {}
    granting = {"Principal": element} if denying == "resource" else named
    found = policy_set(PolicyType(denying), statement(**granting), statement("Deny", **named))
    sets = {"identity": OPEN, "resource": policy_set(PolicyType.RESOURCE, statement(Principal=element))}
    sets[denying] = (found,) if denying in ("scp", "rcp") else found
    for account in (ACCOUNT, OTHER_ACCOUNT):
        decision = ask(Policies(**sets), ALICE, account=account)
        assert (decision.explicit, decision.level) == (True, PolicyType(denying))


@pytest.mark.parametrize("account", [ACCOUNT, OTHER_ACCOUNT])
def test_root_user(account):
    """The root user is named as its account; at home it needs no grant, elsewhere it does."""
    grants = {
        None: "allow" if account == ACCOUNT else "resource",
        ACCOUNT: "allow",
        OTHER_ACCOUNT: "allow" if account == ACCOUNT else "resource",
        ALICE.arn: "allow" if account == ACCOUNT else "resource",
        "*": "allow",
    }
    for named, expected in grants.items():
        resource = policy_set(PolicyType.RESOURCE, statement(Principal={"AWS": named})) if named else None
        assert level(ask(Policies(None, resource=resource), ROOT, account=account)) == expected


@pytest.mark.parametrize("element", ["*", {"AWS": ACCOUNT}])
def test_assume_root_sessions_stay_within_their_task_policy(element):
    """A root session's task policy is its session policy, and no resource policy leads out of it."""
    task = policy_set(PolicyType.SESSION, statement(action="s3:GetBucketPolicy"))
    resource = policy_set(PolicyType.RESOURCE, statement(Principal=element))
    policies = Policies(None, session=task, resource=resource)
    assert ask(policies, ROOT, "s3:GetBucketPolicy").allowed
    assert level(ask(policies, ROOT, "s3:GetObject")) == "session"


def test_a_condition_on_the_role_grants_everyone():
    """`*` with a condition on aws:PrincipalArn is not limited by boundary or session policy, says AWS."""
    condition = {"ArnEquals": {"aws:PrincipalArn": SESSION.issuer_arn}}
    resource = policy_set(PolicyType.RESOURCE, statement(Principal="*", Condition=condition))
    policies = Policies(NOTHING, boundary=policy_set(PolicyType.BOUNDARY), resource=resource)
    assert ask(policies, SESSION, context={"aws:PrincipalArn": SESSION.issuer_arn}).allowed
    assert level(ask(policies, SESSION, context={"aws:PrincipalArn": "arn:aws:iam::1:role/x"})) == "identity"
