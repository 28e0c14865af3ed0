"""The engine against the slow model, on generated policies and requests."""

from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.engines.policy import (
    Policies,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    compile_policy,
    decide,
    explain,
)
from model.policy_model import Reference, World, as_list

ACCOUNTS = ("111122223333", "444455556666")
HERE, THERE = ACCOUNTS


def _session(account, role, path="/"):
    return Principal(
        "role-session",
        f"arn:aws:sts::{account}:assumed-role/{role}/now",
        account,
        unique_id=f"AROA{role.upper()}:now",
        issuer_arn=f"arn:aws:iam::{account}:role{path}{role}",
        issuer_id=f"AROA{role.upper()}",
    )


PRINCIPALS = (
    Principal("root", f"arn:aws:iam::{HERE}:root", HERE, unique_id=HERE),
    Principal("user", f"arn:aws:iam::{HERE}:user/bob", HERE, unique_id="AIDABOB"),
    Principal("user", f"arn:aws:iam::{THERE}:user/bob", THERE, unique_id="AIDAOTHER"),
    _session(HERE, "shop", "/team/"),
    _session(THERE, "shop"),
    Principal(
        "federated",
        f"arn:aws:sts::{HERE}:federated-user/bob",
        HERE,
        unique_id=f"{HERE}:bob",
        issuer_arn=f"arn:aws:iam::{HERE}:user/bob",
        issuer_id="AIDABOB",
    ),
    Principal("federated", f"arn:aws:iam::{HERE}:saml-provider/idp", HERE),
    Principal("service", "logs.amazonaws.com"),
    Principal("anonymous", ""),
)
NAMES = (
    [
        "*",
        HERE,
        THERE,
        f"arn:aws:iam::{HERE}:root",
        f"arn:aws-cn:iam::{HERE}:root",
        "bob",
        "AIDABOB",
        "AROASHOP",
    ]
    + [p.arn for p in PRINCIPALS if p.arn.startswith("arn:")]
    + [p.issuer_arn for p in PRINCIPALS if p.issuer_arn]
    + ["AROASHOP:now", f"arn:aws:iam::{HERE}:user/*"]
)
ACTIONS = ("s3:GetObject", "s3:PutObject", "kms:Decrypt", "sts:AssumeRole", "sts:GetCallerIdentity")
ACTION_PATTERNS = (
    *ACTIONS, "*", "s3:*", "S3:get*", "s3:?etObject", "s3:*Object", "s3:G*t*", "kms:*", "sts:*", "s*:GetObject",
    "s3:", "s3:Get Object", "s3",
)  # fmt: skip
RESOURCES = (
    "*", "arn:aws:s3:::shop/menu", "arn:aws:s3:::shop/bob/menu", "arn:aws:s3:::shop/*", "arn:aws:s3:::Shop/menu",
    f"arn:aws:kms:eu-west-1:{HERE}:key/1", f"arn:aws:kms:eu-west-1:{THERE}:alias/a",
    f"arn:aws:iam::{HERE}:role/team/shop", "nonsense",
)  # fmt: skip
RESOURCE_PATTERNS = (
    *RESOURCES, "arn:aws:s3:::shop/*", "arn:aws:s3:::shop*", "arn:aws:S3:::shop/menu", "arn:aws:s3:::sh?p/*u",
    "arn:aws:s3:::shop/${aws:username}/*", "arn:aws:s3:::shop/${aws:username, 'bob'}*", "arn:aws:s3:::shop/${*}",
    "arn:aws:s3:::shop/${aws:PrincipalTag/team}", "arn:*:kms:*:*:key/*", "arn:aws:kms:eu-*:111122223333:*",
    "arn:aws:s3", "arn:aws:s3:*", "arn:aws:kms:us-east-1", "arn:aws:*", f"arn:aws:kms:*:{HERE}",
    "arn:aws:ec2:${aws:RequestedRegion}:*:*",
)  # fmt: skip
KEYS = (
    "aws:username",
    "AWS:UserName",
    "aws:PrincipalTag/team",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:TagKeys",
    "x:y",
)
TEXTS = (
    "", "bob", "Bob", "b*", "b?b", "${aws:username}", "${aws:PrincipalTag/team, 'red'}", "${*}", "red", "true", "False",
    "10", "10.0", "9.5", "x", "10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "2001:db8::1", "2024-01-01",
    "2024-01-01T00:00:00Z", "2024-01-01T09:00:00+09:00", "1704067200", "QUJD", "QUJE", "QU",
    f"arn:aws:iam::{HERE}:user/*", f"arn:aws:iam::{HERE}:user/bob", "arn:aws:iam::*:user/${aws:username}", "arn:aws",
)  # fmt: skip
BASES = (
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
    "StringNotLike", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "NumericEquals", "NumericNotEquals",
    "NumericLessThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThanEquals",
    "DateGreaterThan", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress",
)  # fmt: skip
OPERATORS = st.one_of(
    st.builds(
        lambda prefix, base, suffix: prefix + base + suffix,
        st.sampled_from(("", "", "ForAllValues:", "ForAnyValue:")),
        st.sampled_from(BASES),
        st.sampled_from(("", "", "IfExists")),
    ),
    st.sampled_from(
        ("Null", "ForAnyValue:Null", "NullIfExists", "Sounds", "ForSome:StringEquals", "stringequals")
    ),
)


def _one_or_list(values, **sizes):
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), **sizes))


def _either(element, values, weight=4):
    names = [element] * weight + [f"Not{element}"]
    return st.builds(lambda name, value: {name: value}, st.sampled_from(names), values)


CONDITIONS = st.dictionaries(
    OPERATORS,
    st.dictionaries(st.sampled_from(KEYS), _one_or_list(TEXTS, max_size=3), min_size=1, max_size=2),
    max_size=2,
)
PRINCIPAL_ELEMENTS = st.one_of(
    st.just("*"),
    st.dictionaries(st.just("AWS"), _one_or_list(NAMES, max_size=4), min_size=1),
    st.sampled_from(
        (
            {"Service": "logs.amazonaws.com"},
            {"Federated": f"arn:aws:iam::{HERE}:saml-provider/idp"},
            {"CanonicalUser": "f00"},
            {"Service": "*"},
        )
    ),
)


def _statements(named):
    parts = [
        st.fixed_dictionaries({"Effect": st.sampled_from(("Allow", "Allow", "Deny"))}),
        _either("Action", _one_or_list(ACTION_PATTERNS, min_size=1, max_size=3)),
        _either("Resource", _one_or_list(RESOURCE_PATTERNS, min_size=1, max_size=3)),
        st.one_of(st.just({}), st.builds(lambda block: {"Condition": block}, CONDITIONS)),
    ]
    if named:
        parts.append(
            st.one_of(_either("Principal", PRINCIPAL_ELEMENTS), st.just({"Principal": "*"}), st.just({}))
        )
    return st.tuples(*parts).map(
        lambda found: {name: value for part in found for name, value in part.items()}
    )


def _documents(named=False):
    document = st.builds(
        lambda version, statements: {**version, "Statement": statements},
        st.sampled_from(
            ({"Version": "2012-10-17"}, {"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {})
        ),
        st.lists(_statements(named), max_size=3),
    )
    return st.lists(document, max_size=2)


FULL = [
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
    }
]
OPEN = [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]


def _usually(value, documents):
    return st.one_of(st.just(value), st.just(value), documents)


WORLDS = st.builds(
    World,
    identity=_usually(OPEN, _documents()),
    boundary=_usually(None, _documents()),
    session=_usually(None, _documents()),
    resource=st.one_of(st.none(), st.just(FULL), _documents(named=True)),
    resource_type=st.sampled_from(("resource", "resource", "trust")),
    scp=st.lists(_usually(OPEN, _documents()), max_size=2),
    rcp=st.lists(_usually(FULL, _documents(named=True)), max_size=2),
    vpce=_usually(None, _documents(named=True)),
)
CONTEXTS = st.dictionaries(
    st.sampled_from([key for key in KEYS if key != "AWS:UserName"]),
    st.one_of(st.sampled_from(TEXTS), st.lists(st.sampled_from(TEXTS), max_size=3)),
    max_size=4,
)


def _set(kind, documents):
    if documents is None:
        return None
    return PolicySet(
        kind, [compile_policy(document, kind, f"{kind}/{n}") for n, document in enumerate(documents)]
    )


def _policies(world):
    resource_type = PolicyType(world.resource_type)
    return Policies(
        _set(PolicyType.IDENTITY, world.identity),
        boundary=_set(PolicyType.BOUNDARY, world.boundary),
        session=_set(PolicyType.SESSION, world.session),
        resource=_set(resource_type, world.resource),
        scp=tuple(_set(PolicyType.SCP, level) for level in world.scp),
        rcp=tuple(_set(PolicyType.RCP, level) for level in world.rcp),
        vpce=_set(PolicyType.VPCE, world.vpce),
        resource_type=resource_type,
    )


@settings(max_examples=2000)
@given(
    WORLDS,
    st.sampled_from(PRINCIPALS),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    st.sampled_from(ACCOUNTS),
    CONTEXTS,
)
def test_engine_decides_as_the_model(world, principal, action, resource, account, context):
    """The compiled, indexed engine and the naive model agree on outcome and level of every decision."""
    expected, level = Reference(world, principal, action, resource, account, context).decide()
    policies = _policies(world)
    request = Request(principal, action, resource, account, context)
    decision = decide(policies, request)
    got = "allow" if decision.allowed else "explicit" if decision.explicit else "implicit"
    assert (got, None if decision.allowed else decision.level) == (expected, level)
    assert decide(policies, request) == decision  # the memo changes nothing


@settings(max_examples=300)
@given(WORLDS, st.sampled_from(PRINCIPALS), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), CONTEXTS)
def test_explanation_agrees_with_the_decision(world, principal, action, resource, context):
    """An explicit denial is the first Deny that the explanation shows as matching at its level."""
    policies = _policies(world)
    request = Request(principal, action, resource, HERE, context)
    explanation = explain(policies, request)
    decision = decide(policies, request)
    assert explanation.decision == decision
    denying = {
        (level.type, report.policy, report.statement)
        for level in explanation.levels
        for report in level.statements
        if report.matched and report.effect == "Deny"
    }
    if decision.explicit:
        assert (decision.level, decision.policy, decision.statement) in denying
    elif not principal.external and action != "sts:GetCallerIdentity":
        assert not denying


@given(st.sampled_from(TEXTS + RESOURCE_PATTERNS + ACTION_PATTERNS), st.sampled_from(TEXTS + RESOURCES))
def test_one_value_in_a_list_is_the_value(pattern, text):
    """A single value and a list of it are the same element."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}

    def allowed(values):
        document = {
            "Version": "2012-10-17",
            "Statement": statement | {"Condition": {"StringLike": {"x:y": values}}},
        }
        policies = Policies(_set(PolicyType.IDENTITY, [document]))
        request = Request(PRINCIPALS[1], "s3:GetObject", "arn:aws:s3:::shop/menu", HERE, {"x:y": text})
        return decide(policies, request).allowed

    assert allowed(pattern) == allowed(as_list(pattern))
