"""Policies, principals and requests from a small world, so that they often meet."""

from dataclasses import replace

from hypothesis import strategies as st

from masugata.engines.policy import KeyGrant, Policies, PolicySet, PolicyType, Principal, compile_policy
from model.policy_model import World

HERE, THERE = ACCOUNTS = ("111122223333", "444455556666")
NEW = {"Version": "2012-10-17"}
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FULL = [NEW | {"Statement": ALLOW_ALL | {"Principal": "*"}}]
OPEN = [NEW | {"Statement": ALLOW_ALL}]


def session(account, role, path="/", *, service_linked=False):
    """A session of a role."""
    return Principal(
        "role-session",
        f"arn:aws:sts::{account}:assumed-role/{role}/now",
        account,
        unique_id=f"AROA{role.upper()}:now",
        issuer_arn=f"arn:aws:iam::{account}:role{path}{role}",
        issuer_id=f"AROA{role.upper()}",
        service_linked=service_linked,
    )


BOB = Principal("user", f"arn:aws:iam::{HERE}:user/bob", HERE, unique_id="AIDABOB")
PRINCIPALS = (
    Principal("root", f"arn:aws:iam::{HERE}:root", HERE, unique_id=HERE),
    BOB,
    replace(BOB, confined=True),
    replace(session(HERE, "shop", "/team/"), confined=True),
    Principal("user", f"arn:aws:iam::{THERE}:user/bob", THERE, unique_id="AIDAOTHER"),
    session(HERE, "shop", "/team/"),
    session(THERE, "shop"),
    session(HERE, "linked", "/aws-service-role/logs.amazonaws.com/", service_linked=True),
    Principal(
        "federated",
        f"arn:aws:sts::{HERE}:federated-user/bob",
        HERE,
        unique_id=f"{HERE}:bob",
        issuer_arn=BOB.arn,
        issuer_id="AIDABOB",
    ),
    Principal("federated", f"arn:aws:iam::{HERE}:saml-provider/idp", HERE),
    Principal("service", "logs.amazonaws.com"),
    Principal("anonymous", ""),
)
NAMES = (
    *(p.arn for p in PRINCIPALS if p.arn.startswith("arn:")),
    *(p.issuer_arn for p in PRINCIPALS if p.issuer_arn),
    *(HERE, THERE, f"arn:aws-cn:iam::{HERE}:root", "*", "AIDABOB", "AROASHOP", "AROASHOP:now"),
    *("bob", f"arn:aws:iam::{HERE}:user/*"),
)
ACTIONS = (
    "s3:GetObject", "s3:PutObject", "kms:Decrypt", "sts:AssumeRole", "sts:GetCallerIdentity",
    "sts:TagSession", "STS:SetSourceIdentity", "kms:RetireGrant", "kms:CreateAlias", "iam:DeletePolicy",
    "iam:GetPolicy", "iam:TagRole",
)  # fmt: skip
ACTION_PATTERNS = (
    *ACTIONS, "*", "s3:*", "S3:get*", "s3:?etObject", "s3:*Object", "s3:G*t*", "kms:*", "sts:*",
    "s*:GetObject", "s3:", "s3:Get Object", "s3",
)  # fmt: skip
RESOURCES = (
    "*", "arn:aws:s3:::shop/menu", "arn:aws:s3:::shop/bob/menu", "arn:aws:s3:::shop/*",
    "arn:aws:s3:::Shop/menu", f"arn:aws:kms:eu-west-1:{HERE}:key/1",
    f"arn:aws:kms:eu-west-1:{THERE}:alias/a", f"arn:aws:iam::{HERE}:role/team/shop", "nonsense",
    f"arn:aws:kms:eu-west-1:{HERE}:alias/aws/s3", "arn:aws:iam::aws:policy/ReadOnlyAccess",
    f"arn:aws:iam::{HERE}:role/aws-reserved/sso/a",
    f"arn:aws:iam::{HERE}:role/aws-service-role/logs.amazonaws.com/linked", "arn:aws:s3:::shop/a:b",
)  # fmt: skip
RESOURCE_PATTERNS = (
    *RESOURCES, "arn:aws:s3:::shop*", "arn:aws:S3:::shop/menu", "arn:aws:s3:::sh?p/*u",
    "arn:aws:s3:::shop/${aws:username}/*", "arn:aws:s3:::shop/${aws:username, 'bob'}*",
    "arn:aws:s3:::shop/${*}", "arn:aws:s3:::shop/${aws:PrincipalTag/team}", "arn:*:kms:*:*:key/*",
    f"arn:aws:kms:eu-*:{HERE}:*", "arn:aws:s3", "arn:aws:s3:*", "arn:aws:kms:us-east-1", "arn:aws:*",
    f"arn:aws:kms:*:{HERE}", "arn:aws:ec2:${aws:RequestedRegion}:*:*", "arn:aws:kms:*:key/1", "arn:aws:*:b",
    "arn:aws:kms:eu*:key/${aws:username, '1'}", "arn:aws:s3:*:shop/?:${aws:username, 'b'}",
)  # fmt: skip
KEYS = ("aws:username", "aws:PrincipalTag/team", "aws:SourceIp", "aws:CurrentTime", "aws:TagKeys")
TEXTS = (
    "", "bob", "Bob", "b*", "b?b", "${aws:username}", "${aws:PrincipalTag/team, 'red'}", "${*}", "red",
    "true", "False", "10", "10.0", "9.5", "x", "10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "2001:db8::1",
    "2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01T09:00:00+09:00", "1704067200", "QUJD", "QUJE", "QU",
    f"arn:aws:iam::{HERE}:user/*", BOB.arn, "arn:aws:iam::*:user/${aws:username}", "arn:aws",
)  # fmt: skip
_BASES = (
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
    "StringNotLike", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "NumericEquals",
    "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals",
    "DateLessThanEquals", "DateGreaterThan", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress",
)  # fmt: skip
OPERATORS = st.one_of(
    st.builds(
        lambda prefix, base, suffix: prefix + base + suffix,
        st.sampled_from(("", "", "ForAllValues:", "ForAnyValue:")),
        st.sampled_from(_BASES),
        st.sampled_from(("", "", "IfExists")),
    ),
    st.sampled_from(("Null", "ForAnyValue:Null", "NullIfExists", "Sounds", "ForSome:Bool", "stringequals")),
)

_FITTING = (
    ("Numeric", ("10", "10.0", "9.5", "-1", "x", "1e3", "")),
    (
        "Date",
        ("2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01T09:00:00+09:00", "1704067200", "2024-02-30", "x"),
    ),
    ("Ip", ("10.0.0.0/8", "10.1.2.3", "11.0.0.1", "2001:db8::/32", "2001:db8::1", "10.0.0.0/33", "x")),
    (
        "Arn",
        (BOB.arn, f"arn:aws:iam::{HERE}:user/*", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam", "x"),
    ),
    ("Bool", ("true", "False", "${aws:PrincipalTag/team}", "yes", "")),
    ("Binary", ("QUJD", "QUJE", "QU", "")),
    ("String", ("bob", "Bob", "b*", "b?b", "${aws:username}", "${aws:PrincipalTag/team, 'bob'}", "${*}", "")),
)


def fitting(operator):
    """Texts that `operator` understands, and some that it does not."""
    return next((texts for part, texts in _FITTING if part in operator), TEXTS)


def one_or_list(values, **sizes):
    """One of `values`, or a list of some."""
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), **sizes))


def either(element, values):
    """`element` or, less often, its Not… form."""
    names = [element] * 3 + [f"Not{element}"]
    return st.builds(lambda name, value: {name: value}, st.sampled_from(names), values)


KEY_GRANTS = st.lists(
    st.tuples(
        st.just("g1"),
        st.sampled_from(
            (
                *(BOB.arn, "AIDABOB", "AROASHOP", "AROASHOP:now", HERE, "logs.amazonaws.com"),
                *(p.arn for p in PRINCIPALS if p.kind in ("role-session", "federated")),
            )
        ),
        st.sampled_from((("Decrypt",), ("Encrypt", "RetireGrant"), ("Decrypt", "RetireGrant"))),
    ),
    max_size=2,
)
CONDITIONS = st.dictionaries(
    OPERATORS,
    st.dictionaries(st.sampled_from(KEYS), one_or_list(TEXTS, max_size=3), min_size=1, max_size=2),
    max_size=2,
)
PRINCIPAL_ELEMENTS = st.one_of(
    st.just("*"),
    st.dictionaries(st.just("AWS"), one_or_list(NAMES, max_size=5), min_size=1),
    st.sampled_from(
        (
            {"Service": "logs.amazonaws.com"},
            {"Federated": f"arn:aws:iam::{HERE}:saml-provider/idp"},
            {"CanonicalUser": "f00"},
            {"Service": "*"},
        )
    ),
)
ACTION_ELEMENTS = either("Action", one_or_list(ACTION_PATTERNS, min_size=1, max_size=3))
RESOURCE_ELEMENTS = either("Resource", one_or_list(RESOURCE_PATTERNS, min_size=1, max_size=3))
EFFECTS = st.sampled_from(("Allow", "Allow", "Deny"))
VERSIONS = st.sampled_from((NEW, NEW, {"Version": "2008-10-17"}, {}))
CONTEXTS = st.dictionaries(
    st.sampled_from(KEYS),
    st.one_of(st.sampled_from(TEXTS), st.lists(st.sampled_from(TEXTS), max_size=3)),
    max_size=4,
)


def merged(*parts):
    """A strategy for the union of dicts."""
    return st.tuples(*parts).map(lambda found: {k: value for part in found for k, value in part.items()})


def documents(statements):
    """Up to two documents of up to three statements."""
    document = st.builds(
        lambda version, found: version | {"Statement": found}, VERSIONS, st.lists(statements, max_size=3)
    )
    return st.lists(document, max_size=2)


def statements(*, named, plain=False):
    """Statements; `plain` ones differ only in effect, action and principal."""
    parts = [st.builds(lambda effect: {"Effect": effect}, EFFECTS)]
    if plain:
        parts += [st.sampled_from(({"Action": "*"}, {"Action": "s3:GetObject"})), st.just({"Resource": "*"})]
    else:
        conditions = st.builds(lambda block: {"Condition": block}, CONDITIONS)
        parts += [ACTION_ELEMENTS, RESOURCE_ELEMENTS, st.one_of(st.just({}), conditions)]
    if named:
        anyone = st.just({"Principal": "*"})
        parts.append(st.one_of(either("Principal", PRINCIPAL_ELEMENTS), anyone, st.just({})))
    return merged(*parts)


def worlds(*, plain):
    """Every policy of a decision; most levels are absent or open, so that each matters alone."""
    own = documents(statements(named=False, plain=plain))
    naming = documents(statements(named=True, plain=plain))

    def usually(value, found):
        return st.one_of(st.just(value), st.just(value), found)

    return st.builds(
        World,
        identity=st.one_of(st.just(OPEN), own, st.just([])),
        boundary=st.one_of(st.none(), st.just([]), own),
        session=st.one_of(st.none(), st.just([]), own),
        resource=st.one_of(st.none(), naming, naming),
        resource_type=st.sampled_from(("resource", "resource", "trust")),
        scp=st.lists(usually(OPEN, own), max_size=2),
        rcp=st.lists(usually(FULL, naming), max_size=2),
        vpce=usually(None, naming),
        management_account=st.sampled_from(("", "", HERE, THERE)),
        rcp_supported=st.sampled_from((True, True, False)),
        key_grants=st.one_of(st.just([]), KEY_GRANTS),
    )


def policy_set(kind, found):
    """A set of `found` documents, or None."""
    if found is None:
        return None
    return PolicySet(kind, [compile_policy(d, kind, f"{kind}/{n}") for n, d in enumerate(found)])


def policies(world):
    """The engine's form of a world."""
    resource_type = PolicyType(world.resource_type)
    return Policies(
        policy_set(PolicyType.IDENTITY, world.identity),
        boundary=policy_set(PolicyType.BOUNDARY, world.boundary),
        session=policy_set(PolicyType.SESSION, world.session),
        resource=policy_set(resource_type, world.resource),
        scp=tuple(policy_set(PolicyType.SCP, level) for level in world.scp),
        rcp=tuple(policy_set(PolicyType.RCP, level) for level in world.rcp),
        vpce=policy_set(PolicyType.VPCE, world.vpce),
        resource_type=resource_type,
        management_account=world.management_account,
        key_grants=tuple(KeyGrant(id_, name, frozenset(found)) for id_, name, found in world.key_grants),
    )
