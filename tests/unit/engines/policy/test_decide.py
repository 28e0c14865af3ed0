"""Decisions: which policies must allow, what bypasses what, and what a denial names."""

import pytest

from masugata.engines.policy import Decision, Policies, PolicyType, Principal
from unit.engines.policy.build import (
    ACCOUNT,
    ALICE,
    ANONYMOUS,
    FEDERATED,
    LOGS,
    OBJECT,
    OTHER_ACCOUNT,
    ROOT,
    SESSION,
    ask,
    identity,
    policy_set,
    statement,
)

ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
NOTHING = identity()
OPEN = identity(statement())
BOUNDARY_CLOSED = policy_set(PolicyType.BOUNDARY)
SESSION_CLOSED = policy_set(PolicyType.SESSION)


def granting(principal, **elements):
    """A resource policy that allows `principal` everything."""
    return policy_set(PolicyType.RESOURCE, statement(Principal=principal, **elements))


def guardrail(type_, *statements):
    """SCPs, RCPs or endpoint policies of one level."""
    named = {} if type_ is PolicyType.SCP else {"Principal": "*"}
    return policy_set(type_, *(found | named for found in statements))


def outcome(decision):
    """`allow`, or how and at which level it was denied."""
    if decision.allowed:
        return "allow"
    return f"{'explicit' if decision.explicit else 'implicit'} {decision.level}"


def test_nothing_is_allowed_by_default():
    """Without any policy a request is denied for want of an identity policy."""
    assert outcome(ask(Policies(None))) == "implicit identity"
    assert outcome(ask(NOTHING)) == "implicit identity"


def test_identity_allows_and_denies():
    """An Allow allows, a Deny overrules it, both are named."""
    assert ask(identity(statement(Sid="One"))) == Decision(
        True, False, PolicyType.IDENTITY, "the identity policy", 0, "One"
    )
    denied = ask(identity(statement(), statement("Deny", action="s3:Get*", Sid="Two")))
    assert denied == Decision(False, True, PolicyType.IDENTITY, "the identity policy", 1, "Two")


def test_decision_is_no_truth_value():
    """A decision cannot be tested by mistake, as a denial would be as true as an allow."""
    with pytest.raises(TypeError, match="allowed"):
        bool(ask(OPEN))


LEVELS = [
    ("scp", lambda *found: {"scp": (guardrail(PolicyType.SCP, *found),)}),
    ("rcp", lambda *found: {"rcp": (guardrail(PolicyType.RCP, *found),)}),
    ("vpce", lambda *found: {"vpce": guardrail(PolicyType.VPCE, *found)}),
    ("boundary", lambda *found: {"boundary": policy_set(PolicyType.BOUNDARY, *found)}),
    ("session", lambda *found: {"session": policy_set(PolicyType.SESSION, *found)}),
]


@pytest.mark.parametrize(("level", "make"), LEVELS)
def test_every_level_must_allow(level, make):
    """A level that applies and does not allow denies implicitly; a Deny in it denies explicitly."""
    assert outcome(ask(Policies(OPEN, **make(statement())))) == "allow"
    assert outcome(ask(Policies(OPEN, **make()))) == f"implicit {level}"
    assert outcome(ask(Policies(OPEN, **make(statement(action="ec2:*"))))) == f"implicit {level}"
    denied = ask(Policies(OPEN, **make(statement(), statement("Deny"))))
    assert outcome(denied) == f"explicit {level}"
    assert (denied.policy, denied.statement) == (f"the {level} policy", 1)


@pytest.mark.parametrize("type_", [PolicyType.SCP, PolicyType.RCP])
def test_each_level_of_the_organization_must_allow(type_):
    """One level without Allow denies, wherever it is; a Deny anywhere is final."""
    full, empty = guardrail(type_, statement()), guardrail(type_)
    for levels in ((empty, full, full), (full, empty, full), (full, full, empty)):
        assert outcome(ask(Policies(OPEN, **{type_.value: levels}))) == f"implicit {type_}"
    deny = guardrail(type_, statement(), statement("Deny"))
    assert outcome(ask(Policies(OPEN, **{type_.value: (full, deny)}))) == f"explicit {type_}"
    assert outcome(ask(Policies(OPEN, **{type_.value: (full, full, full)}))) == "allow"


def test_one_level_is_a_union():
    """Within one level any policy may allow."""
    level = guardrail(PolicyType.SCP, statement(action="ec2:*"), statement(action="s3:*"))
    assert ask(Policies(OPEN, scp=(level,))).allowed


def test_scps_do_not_bind_services_and_anonymous_callers():
    """SCPs neither limit nor deny who has no account; RCPs do."""
    deny_scp = (guardrail(PolicyType.SCP, statement("Deny")),)
    deny_rcp = (guardrail(PolicyType.RCP, statement(), statement("Deny")),)
    for principal in (LOGS, ANONYMOUS):
        open_to_all = Policies(None, resource=granting("*"), scp=deny_scp)
        assert ask(open_to_all, principal).allowed
        closed = Policies(None, resource=granting("*"), rcp=deny_rcp)
        assert outcome(ask(closed, principal)) == "explicit rcp"


BYPASS = [
    # principal named, caller, then the outcome with an empty identity policy, boundary and session policy
    (ALICE.arn, ALICE, "allow", "allow", "allow"),
    ("AIDAALICE", ALICE, "allow", "allow", "allow"),
    (SESSION.arn, SESSION, "allow", "allow", "allow"),
    ("AROAWAITER:monday", SESSION, "allow", "allow", "allow"),
    (FEDERATED.arn, FEDERATED, "allow", "allow", "allow"),
    (SESSION.issuer_arn, SESSION, "allow", "implicit boundary", "implicit session"),
    ("AROAWAITER", SESSION, "allow", "implicit boundary", "implicit session"),
    (ALICE.arn, FEDERATED, "allow", "implicit boundary", "implicit session"),
    ("AIDAALICE", FEDERATED, "allow", "implicit boundary", "implicit session"),
    ("*", ALICE, "allow", "allow", "allow"),
    ("*", SESSION, "allow", "allow", "allow"),
    ("*", FEDERATED, "allow", "allow", "allow"),
    (ACCOUNT, ALICE, "implicit identity", "implicit boundary", "implicit session"),
    (ROOT_ARN, SESSION, "implicit identity", "implicit boundary", "implicit session"),
]


@pytest.mark.parametrize(("named", "caller", "no_identity", "no_boundary", "no_session"), BYPASS)
def test_what_a_resource_policy_bypasses(named, caller, no_identity, no_boundary, no_session):
    """In one account a resource policy bypasses the caller's missing Allows as far as it names the caller."""
    resource = granting({"AWS": named})
    assert outcome(ask(Policies(NOTHING, resource=resource), caller)) == no_identity
    limited = Policies(OPEN, boundary=BOUNDARY_CLOSED, resource=resource)
    assert outcome(ask(limited, caller)) == no_boundary
    limited = Policies(OPEN, session=SESSION_CLOSED, resource=resource)
    assert outcome(ask(limited, caller)) == no_session


@pytest.mark.parametrize("named", [(SESSION.issuer_arn, SESSION.arn), (SESSION.arn, SESSION.issuer_arn)])
def test_strongest_grant_counts(named):
    """If a resource policy names both session and role, the session's grant bypasses the boundary."""
    resource = policy_set(PolicyType.RESOURCE, *(statement(Principal={"AWS": arn}) for arn in named))
    assert ask(Policies(NOTHING, boundary=BOUNDARY_CLOSED, resource=resource), SESSION).allowed


@pytest.mark.parametrize("own", [statement("Deny")])
@pytest.mark.parametrize("level", ["identity", "boundary", "session"])
def test_nothing_bypasses_an_explicit_deny(level, own):
    """The most direct grant does not overrule a Deny."""
    sets = {"identity": OPEN} | {level: policy_set(PolicyType(level), statement(), own)}
    decision = ask(Policies(**sets, resource=granting({"AWS": ALICE.arn})), ALICE)
    assert outcome(decision) == f"explicit {level}"


def test_explicit_deny_in_a_resource_policy():
    """A resource policy's Deny overrules the identity policy, also of the root user."""
    denying = policy_set(PolicyType.RESOURCE, statement("Deny", Principal="*", Sid="No"))
    for caller in (ALICE, ROOT):
        decision = ask(Policies(OPEN, resource=denying), caller)
        assert decision == Decision(False, True, PolicyType.RESOURCE, "the resource policy", 0, "No")


def test_allowing_statement_is_named():
    """An allow names the identity statement if it counts, else the resource policy's."""
    assert ask(Policies(OPEN, resource=granting({"AWS": ALICE.arn}))).level is PolicyType.IDENTITY
    by_resource = ask(Policies(NOTHING, resource=granting({"AWS": ALICE.arn}, Sid="Hers")))
    assert (by_resource.level, by_resource.sid) == (PolicyType.RESOURCE, "Hers")


CROSS_ACCOUNT = [
    # identity allows, principal named by the resource policy
    (OPEN, ALICE.arn, "allow"),
    (OPEN, ACCOUNT, "allow"),
    (OPEN, "*", "allow"),
    (OPEN, None, "implicit resource"),
    (NOTHING, ALICE.arn, "implicit identity"),
    (NOTHING, "*", "implicit identity"),
]


@pytest.mark.parametrize(("own", "named", "expected"), CROSS_ACCOUNT)
def test_across_accounts_both_sides_must_allow(own, named, expected):
    """Across accounts nothing is bypassed: identity and resource policy must both allow."""
    resource = granting({"AWS": named}) if named else None
    assert outcome(ask(Policies(own, resource=resource), account=OTHER_ACCOUNT)) == expected


def test_across_accounts_boundary_and_session_limit():
    """Across accounts a direct grant does not bypass boundary or session policy."""
    resource = granting({"AWS": SESSION.arn})
    limited = Policies(OPEN, boundary=BOUNDARY_CLOSED, resource=resource)
    assert outcome(ask(limited, SESSION, account=OTHER_ACCOUNT)) == "implicit boundary"
    limited = Policies(OPEN, session=SESSION_CLOSED, resource=resource)
    assert outcome(ask(limited, SESSION, account=OTHER_ACCOUNT)) == "implicit session"


def test_root_user():
    """The root user needs no identity policy, and is bound by SCPs, and across accounts by the other side."""
    assert ask(Policies(None), ROOT) == Decision(True, False, PolicyType.IDENTITY, None, None, None)
    bound = Policies(None, scp=(guardrail(PolicyType.SCP, statement(), statement("Deny")),))
    assert outcome(ask(bound, ROOT)) == "explicit scp"
    assert outcome(ask(Policies(None), ROOT, account=OTHER_ACCOUNT)) == "implicit resource"
    granted = Policies(None, resource=granting({"AWS": ROOT_ARN}))
    assert ask(granted, ROOT, account=OTHER_ACCOUNT).allowed


def test_federated_user_without_session_policy():
    """A GetFederationToken session without policy has nothing but what resources grant it by name."""
    assert outcome(ask(Policies(OPEN, session=SESSION_CLOSED), FEDERATED)) == "implicit session"
    named = Policies(OPEN, session=SESSION_CLOSED, resource=granting({"AWS": FEDERATED.arn}))
    assert ask(named, FEDERATED).allowed


def test_anonymous_callers():
    """Anyone may do what a resource policy allows everyone, and nothing else."""
    assert ask(Policies(None, resource=granting("*")), ANONYMOUS).allowed
    assert outcome(ask(Policies(None, resource=granting({"AWS": ACCOUNT})), ANONYMOUS)) == "implicit resource"
    assert outcome(ask(Policies(None), ANONYMOUS)) == "implicit resource"


def test_service_principals():
    """A service may do what a resource policy allows it, whatever the account."""
    granted = Policies(None, resource=granting({"Service": "logs.amazonaws.com"}))
    assert ask(granted, LOGS, account=OTHER_ACCOUNT).allowed
    assert outcome(ask(Policies(None), LOGS)) == "implicit resource"
    other = Principal("service", "s3.amazonaws.com")
    assert outcome(ask(granted, other)) == "implicit resource"


def test_get_caller_identity():
    """Every authenticated caller may ask who it is, even against an explicit Deny."""
    denying = Policies(identity(statement("Deny")), scp=(guardrail(PolicyType.SCP, statement("Deny")),))
    asked = {"action": "STS:GetCallerIdentity", "resource": "*"}
    assert ask(denying, ALICE, **asked) == Decision(True, False, None, None, None, None)
    assert not ask(denying, ANONYMOUS, **asked).allowed


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("*", "allow"),
        (f"arn:aws:sqs:us-east-1:{ACCOUNT}:q", "allow"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "allow"),
        (f"arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:q", "implicit resource"),
        (OBJECT, "implicit resource"),
        ("nonsense", "implicit resource"),
    ],
)
def test_resource_without_known_account(resource, expected):
    """The owner is read from the ARN if it is not given; a resource of unknown owner is foreign."""
    assert outcome(ask(OPEN, resource=resource, account=None)) == expected


def test_endpoint_policy_that_names_principals():
    """An endpoint policy may allow one caller only."""
    only_alice = policy_set(PolicyType.VPCE, statement(Principal={"AWS": ALICE.arn}))
    assert ask(Policies(OPEN, vpce=only_alice), ALICE).allowed
    assert outcome(ask(Policies(OPEN, vpce=only_alice), SESSION)) == "implicit vpce"


@pytest.mark.parametrize("type_", [PolicyType.RCP, PolicyType.VPCE])
def test_guardrail_without_principal(type_):
    """In guardrails an Allow that names no principal grants nothing, and a Deny denies everyone."""
    found = policy_set(type_, statement())
    sets = {"rcp": (found,)} if type_ is PolicyType.RCP else {"vpce": found}
    assert outcome(ask(Policies(OPEN, **sets))) == f"implicit {type_}"
    found = policy_set(type_, statement(Principal="*"), statement("Deny"))
    sets = {"rcp": (found,)} if type_ is PolicyType.RCP else {"vpce": found}
    assert outcome(ask(Policies(OPEN, **sets))) == f"explicit {type_}"
