"""What breaks a rule is told with its place, all of it at once, before anything is asked of a server."""

import json

import pytest

from masugata.apply import InvalidFileError, load_description, parse_description
from masugata.apply.problems import MOST

POLICY = '{content: {Version: 2012-10-17, Statement: {Effect: Deny, Action: "a:b", Resource: "*"}}}'
TRUST = (
    "{Version: 2012-10-17, Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, "
    "Action: sts:AssumeRole}}"
)


def problems(text, **limits):
    """What is wrong, as `line:column rule`."""
    with pytest.raises(InvalidFileError) as refused:
        parse_description(text.encode(), "o.yaml", limits)
    return [f"{found.place.line}:{found.place.column} {found.rule}" for found in refused.value.problems]


def iam(section):
    """A file with this in the management account's IAM."""
    return f"management:\n  iam:\n    {section}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("x: 1", "1:1 the file has no `x`", id="unknown-member"),
        pytest.param("organization: {z: 1}", "1:16 organization has no `z`", id="unknown-member-below"),
        pytest.param("policies: []", "1:11 policies must be a mapping", id="not-a-mapping"),
        pytest.param(
            "policy_types: SERVICE_CONTROL_POLICY", "1:15 policy_types must be a sequence", id="not-a-list"
        ),
        pytest.param("policy_types: [[a]]", "1:16 policy_types must hold texts", id="not-texts"),
        pytest.param("policy_types: [a, a]", "1:19 policy_types names `a` twice", id="twice"),
        pytest.param("policy_types: [SCP]", "1:16 `SCP` is not a policy type", id="policy-type"),
        pytest.param("organization: {features: SOME}", "1:1 `features` must be one of", id="features"),
        pytest.param("policies: {p: {}}", "1:15 the policy's `content` is missing", id="no-content"),
        pytest.param("policies: {p: {content: 1}}", "1:25 a policy must be a mapping", id="content-no-json"),
        pytest.param("policies: {p: {content: '{'}}", "1:25 this is not JSON", id="content-broken-json"),
        pytest.param(
            'policies: {p: {content: \'{"a":1,"a":2}\'}}',
            "1:25 the name `a` occurs twice",
            id="json-name-twice",
        ),
        pytest.param("policies: {p: {content: {file: nope.json}}}", "1:32 cannot read", id="no-file"),
        pytest.param(
            "policies: {p: {content: {file: [a]}}}", "1:32 `file` must be the name", id="file-no-text"
        ),
        pytest.param(
            f"policies: {{FullAWSAccess: {POLICY}}}", "1:12 `FullAWSAccess` is AWS's own", id="aws-policy"
        ),
        pytest.param(
            "policies: {p: {type: X, content: {}}}", "1:12 `X` is not a policy type", id="type-of-a-policy"
        ),
        pytest.param(f"policies: {{'{'n' * 129}': {POLICY}}}", "1:12 `name`", id="policy-name-length"),
        pytest.param(
            "root: {policies: [p]}", "1:19 there is no policy `p` in `policies`", id="unknown-policy"
        ),
        pytest.param(
            "root: {accounts: [a]}", "1:19 there is no account `a` in `accounts`", id="unknown-account"
        ),
        pytest.param(
            "root: {detached: [RCPFullAWSAccess]}",
            "1:19 `RCPFullAWSAccess` cannot be detached",
            id="fixed-policy",
        ),
        pytest.param(
            "root: {policies: [FullAWSAccess], detached: [FullAWSAccess]}",
            "1:46 `FullAWSAccess` is in `policies` and in `detached`",
            id="attached-and-detached",
        ),
        pytest.param(
            "policy_types: [TAG_POLICY]\nroot: {policies: [FullAWSAccess]}",
            "2:19 SERVICE_CONTROL_POLICY is not among the `policy_types`",
            id="type-not-enabled",
        ),
        pytest.param(
            "root: {tags: {'aws:x': a}}", "1:7 the tag `aws:x` begins with `aws:`", id="reserved-tag"
        ),
        pytest.param("root: {tags: {a: [b]}}", "1:18 the value of a tag must be a text", id="tag-no-text"),
        pytest.param("accounts: {a: {}}", "1:12 the account `a` needs an `email`", id="no-email"),
        pytest.param("accounts: {a: {email: x}}", "1:12 `x` is not an e-mail address", id="email"),
        pytest.param("accounts: {渋谷: {email: a@b.example}}", "1:12 `accountName`", id="account-name"),
        pytest.param("accounts: {a: {email: a@b.example, id: 12}}", "1:12 `accountId`", id="account-id"),
        pytest.param(
            "accounts: {'a}': {email: a@b.example}}", "1:12 the name of an account in the file", id="key"
        ),
        pytest.param(
            "accounts: {management: {email: a@b.example}}",
            "1:12 `management` is the management",
            id="reserved",
        ),
        pytest.param(
            "accounts:\n  a: {email: A@b.example}\n  b: {email: a@b.example}",
            "3:3 the accounts `a` and `b` have one email",
            id="email-twice",
        ),
        pytest.param(
            "accounts:\n  a: {email: a@b.example, id: 111111111111}\n"
            "  b: {email: b@b.example, id: 111111111111}",
            "3:3 the accounts `a` and `b` have one id",
            id="id-twice",
        ),
        pytest.param(
            "root:\n  accounts: [a]\n  organizational_units: {u: {accounts: [a]}}\n"
            "accounts: {a: {email: a@b.example}}",
            "3:41 the account `a` stands at o.yaml:2:14 already",
            id="placed-twice",
        ),
        pytest.param("trusted_services: [x]", "1:20 `x` is not a service that can have", id="service"),
        pytest.param(
            "delegated_administrators: {ram.amazonaws.com: [management]}",
            "1:48 there is no member account `management`",
            id="delegated-to-management",
        ),
        pytest.param(
            "resource_policy: {Version: 2012-10-17, Statement: {Effect: Allow, "
            "Principal: {AWS: '111122223333'}, Action: 's3:*', Resource: '*'}}",
            "1:18 The provided resource policy isn't valid: The action s3:* isn't supported.",
            id="delegated-action",
        ),
        pytest.param(iam("users: {a b: {}}"), "3:13 `userName`", id="user-name"),
        pytest.param(iam("users: {a: {path: x}}"), "3:13 `path`", id="path"),
        pytest.param(iam("users: {a: {}, A: {}}"), "3:20 `a` and `A` differ only in case", id="case"),
        pytest.param(iam("users: {a: {groups: [g]}}"), "3:26 there is no group `g`", id="unknown-group"),
        pytest.param(
            iam("users: {a: {policies: [p]}}"), "3:28 there is no policy `p`", id="unknown-iam-policy"
        ),
        pytest.param(
            iam("users: {a: {permissions_boundary: p}}"), "3:39 there is no policy `p`", id="boundary"
        ),
        pytest.param(iam("users: {a: {access_keys: 3}}"), "3:13 a user has at most 2 access keys", id="keys"),
        pytest.param(iam("users: {a: {access_keys: two}}"), "3:30 access_keys must be a number", id="number"),
        pytest.param(
            iam("users: {a: {trust_policy: {}}}"), "3:17 a user has no `trust_policy`", id="trust-of-user"
        ),
        pytest.param(iam("groups: {a: {tags: {}}}"), "3:18 a group has no `tags`", id="tags-of-group"),
        pytest.param(iam("roles: {a: {}}"), "3:16 the role's `trust_policy` is missing", id="no-trust"),
        pytest.param(
            iam(f"roles: {{OrganizationAccountAccessRole: {{trust_policy: {TRUST}}}}}"),
            "3:13 the role `OrganizationAccountAccessRole` is AWS's own",
            id="access-role",
        ),
        pytest.param(
            iam(f"policies: {{ReadOnlyAccess: {POLICY}}}"),
            "3:16 `ReadOnlyAccess` is the name of an AWS",
            id="taken",
        ),
        pytest.param(
            iam("users: {u: {policies: ['arn:aws:iam::${account:x}:policy/p']}}"),
            "3:28 ${account:x}: there is no account `x` in `accounts`",
            id="reference-in-arn",
        ),
        pytest.param(
            iam("users: {u: {tags: {City: a, city: b}}}"),
            "3:13 two tags differ only in case, and to IAM they are one",
            id="tags-by-case",
        ),
        pytest.param(
            iam("users: {u: {access_keys: 2}, u.2: {access_keys: 1}}"),
            "3:34 keys of `u.2` and `u` have one profile, `management.u.2`, in the credentials file",
            id="profiles",
        ),
        pytest.param(
            "organization: {features: CONSOLIDATED_BILLING}\ntrusted_services: [sso.amazonaws.com]",
            "1:1 `trusted_services` needs `features: ALL`",
            id="billing-and-services",
        ),
    ],
)
def test_what_is_refused(text, expected):
    """Every rule has its place and its words."""
    found = problems(text)
    assert any(line.startswith(expected) for line in found), found


SCP = """policies:
  p:
    content:
      Version: 2012-10-17
      Statement:
        - {Effect: Deny, Action: "a:b", Resource: "*"}
        - %s
"""


@pytest.mark.parametrize(
    ("statement", "defect"),
    [
        ('{Effect: Deny, Action: "a:b", Resource: "*", Principal: "*"}', "principal prohibited"),
        ('{Effect: Maybe, Action: "a:b", Resource: "*"}', "effect"),
        ('{Effect: Deny, Resource: "*"}', "action missing"),
        ('{Effect: Deny, Action: "a:b", Resource: "*", Condition: {Like: {"a:b": c}}}', "operator"),
    ],
)
def test_the_grammar_of_a_policy_names_the_statement(statement, defect):
    """What the engine refuses stands at the statement that is refused."""
    [found] = problems(SCP % statement)
    assert found.startswith("7:11 The provided policy document does not meet")
    assert defect in found


def test_a_policy_in_a_file_of_its_own(tmp_path):
    """Its problems stand in that file, with its lines."""
    broken = {"Version": "2012-10-17", "Statement": [{"Effect": "Denied", "Action": "a:b", "Resource": "*"}]}
    (tmp_path / "p.json").write_text(json.dumps(broken, indent=1))
    file = tmp_path / "o.yaml"
    file.write_text("policies: {p: {content: {file: p.json}}}")
    with pytest.raises(InvalidFileError, match=r"p\.json:4:3: .*effect"):
        load_description(file)
    (tmp_path / "p.json").write_text('{"a":\n  b}')
    with pytest.raises(InvalidFileError, match=r"p\.json:2:3: this is not JSON"):
        load_description(file)


def test_quotas():
    """Sizes, numbers and depth are those of the table of limits, overridden as the setting does."""
    large = "x" * 5120
    text = POLICY.replace("Effect", f"Sid: {large}, Effect")
    assert "5213 characters; 5120 are the limit" in problems(f"policies: {{p: {text}}}")[0]
    deep = "root: " + "{organizational_units: {u: " * 6 + "{}" + "}}" * 6
    assert problems(deep) == ["1:166 organizational units are nested deeper than 5 levels"]
    parse_description(deep.encode(), "o.yaml", {"organizations.organizational-unit-levels": 6})
    accounts = "accounts:\n" + "".join(f"  a{n}: {{email: a{n}@b.example}}\n" for n in range(10))
    assert "more than 10 accounts" in problems(accounts)[0]
    parse_description(accounts.encode(), "o.yaml", {"organizations.accounts": 11})
    five = ", ".join(f"p{n}: {POLICY}" for n in range(5))
    six = f"policies: {{{five}}}\nroot: {{policies: [p0, p1, p2, p3, p4]}}"
    assert "at most 5 policies of type SERVICE_CONTROL_POLICY, FullAWSAccess included" in problems(six)[0]
    parse_description(six.replace("p4]", "p4], detached: [FullAWSAccess]").encode(), "o.yaml")


def test_all_at_once_and_bounded():
    """All that is wrong is told, in the order of the file; a file that is wrong everywhere is cut."""
    text = "root: {policies: [a], accounts: [b]}\nx: 1\ntrusted_services: [y]"
    assert [line.split(" ")[0] for line in problems(text)] == ["1:19", "1:34", "2:1", "3:20"]
    many = "\n".join(f"x{n}: 1" for n in range(1000))
    with pytest.raises(InvalidFileError) as refused:
        parse_description(many.encode(), "o.yaml")
    assert len(refused.value.problems) == MOST
    assert str(refused.value).endswith("there are more")


def test_a_file_that_is_not_there(tmp_path):
    """It is a problem of the file, as all others."""
    with pytest.raises(InvalidFileError, match="cannot read it: No such file"):
        load_description(tmp_path / "nope.yaml")


def test_unprintable_names_are_not_printed():
    """A name of the file cannot write on the terminal."""
    [found] = problems('"a\\e[2J": 1')
    assert "\x1b" not in found
