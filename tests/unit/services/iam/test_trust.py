"""Trust policies: principals become unique ids when stored, and ARNs again when shown."""

import json
from typing import Any

import pytest

from masugata.records.iam import ROLE, USER, Role

OTHER = "444455556666"
EVERYBODY = {"AWS": "*"}


def trusting(principal: Any, **members: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **members}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def create(iam: Any, document: str) -> Any:
    """Create the role `post` and give what is stored."""
    iam("CreateRole", RoleName="post", AssumeRolePolicyDocument=document)
    return stored(iam)


def stored(iam: Any) -> Any:
    return json.loads(iam.get(ROLE, "post").trust_policy)["Statement"][0]["Principal"]


def shown(iam: Any) -> Any:
    document = iam("GetRole", RoleName="post")["Role"]["AssumeRolePolicyDocument"]
    return json.loads(document)["Statement"][0]["Principal"]


@pytest.fixture
def house(iam) -> Any:
    """An account with the user /staff/Kim and the role /staff/Clerk."""
    iam("CreateUser", UserName="Kim", Path="/staff/")
    iam.add_role("Clerk", path="/staff/")
    return iam


KIM = "arn:aws:iam::111122223333:user/staff/Kim"
CLERK = "arn:aws:iam::111122223333:role/staff/Clerk"
SESSION = "arn:aws:sts::111122223333:assumed-role/Clerk/monday"


def test_users_roles_and_sessions_are_stored_by_id(house):
    """What has an id is stored by it, and shown by its ARN."""
    kim, clerk = house.get(USER, "kim").id, house.get(ROLE, "clerk").id
    document = trusting({"AWS": [KIM, CLERK, SESSION]})
    assert create(house, document) == {"AWS": [kim, clerk, f"{clerk}:monday"]}
    assert shown(house) == {"AWS": [KIM, CLERK, SESSION]}


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "*"},
        {"AWS": "111122223333"},
        {"AWS": "arn:aws:iam::111122223333:root"},
        {"AWS": f"arn:aws:iam::{OTHER}:root"},
        {"AWS": [OTHER, "arn:aws:sts::111122223333:federated-user/guest"]},
        {"Service": "ec2.amazonaws.com"},
        {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"], "AWS": "*"},
        {"Service": ["ec2.amazonaws.com.cn", "logs.eu-west-1.amazonaws.com", "prod.ops.aws.internal"]},
        {"Service": "member.org.stacksets.cloudformation.amazonaws.com"},
    ],
)
def test_accounts_services_and_everybody_stay(house, principal):
    """What has no id of its own is stored as it was written."""
    action = {"Action": "sts:AssumeRole"}
    assert create(house, trusting(principal, **action)) == principal
    assert shown(house) == principal


@pytest.mark.parametrize(
    "principal",
    ["cognito-identity.amazonaws.com", "accounts.google.com", "www.amazon.com", "graph.facebook.com"],
)
def test_identity_providers_with_domain_names_stay(house, principal):
    """A provider of identities that goes by its domain name is stored as it was written."""
    element = {"Federated": principal}
    assert create(house, trusting(element, Action="sts:AssumeRoleWithWebIdentity")) == element
    assert shown(house) == element


@pytest.mark.parametrize(
    "principal",
    [
        "nonexistent.foo",
        "ec2",
        "amazonaws.com",
        "ec2.amazonaws.com.evil",
        "ec2amazonaws.com",
        ".amazonaws.com",
        "ec2 .amazonaws.com",
        "ec2.amazonaws.com\n",
        "arn:aws:iam::111122223333:root",
    ],
)
def test_services_have_names_of_a_form(house, principal):
    """What cannot be the name of an AWS service is refused, also among others."""
    document = trusting({"Service": ["ec2.amazonaws.com", principal]})
    assert house.fails("CreateRole", RoleName="post", AssumeRolePolicyDocument=document) == (
        "MalformedPolicyDocument",
        f'Invalid principal in policy: "SERVICE":"{principal}"',
        400,
    )


@pytest.mark.parametrize("kind", ["saml-provider/none", "oidc-provider/example.com"])
def test_providers_that_do_not_exist(house, kind):
    """No identity provider of an account exists here, so none can be trusted in advance."""
    arn = f"arn:aws:iam::111122223333:{kind}"
    expected = ("MalformedPolicyDocument", f'Invalid principal in policy: "FEDERATED":"{arn}"', 400)
    document = trusting({"Federated": arn}, Action="sts:AssumeRoleWithSAML")
    assert house.fails("CreateRole", RoleName="post", AssumeRolePolicyDocument=document) == expected


@pytest.mark.parametrize(
    "principal", ["nonsense", "a..b", "-a.com", "1.2.3.4", "arn:aws:iam::111122223333:root"]
)
def test_federated_principals_are_domains_or_providers(house, principal):
    """What is neither a domain name nor the ARN of a provider is refused in AWS's words."""
    document = trusting({"Federated": principal}, Action="sts:AssumeRoleWithSAML")
    assert house.fails("CreateRole", RoleName="post", AssumeRolePolicyDocument=document) == (
        "MalformedPolicyDocument",
        "Federated principals must be valid domain names or SAML metadata ARNs",
        400,
    )


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::111122223333:user/Kim",
        "arn:aws:iam::111122223333:user/staff/kim",
        "arn:aws:iam::111122223333:user/staff/Sam",
        "arn:aws:iam::111122223333:role/Clerk",
        "arn:aws:iam::111122223333:role/post",
        "arn:aws:iam::111122223333:group/readers",
        "arn:aws-cn:iam::111122223333:root",
        f"arn:aws:iam::{OTHER}:user/Kim",
        f"arn:aws:iam::{OTHER}:role/Clerk",
        "arn:aws:sts::111122223333:assumed-role/clerk/monday",
        "arn:aws:sts::111122223333:assumed-role/staff/Clerk",
        "arn:aws:sts::111122223333:assumed-role/Clerk/",
        "arn:aws:s3:::bucket",
        "AIDAAAAAAAAAAAAAAAAAA",
        "AIDASHORT",
        "AROAAAAAAAAAAAAAAAAAA:monday",
    ],
)
def test_principals_that_do_not_exist(house, principal):
    """Whoever is not there now cannot be trusted in advance: a later namesake would inherit it."""
    document = trusting({"AWS": principal})
    assert house.fails("CreateRole", RoleName="post", AssumeRolePolicyDocument=document) == (
        "MalformedPolicyDocument",
        f'Invalid principal in policy: "AWS":"{principal}"',
        400,
    )


def test_ids_of_who_exists_can_be_written(house):
    """A unique id names its user or role, and is shown as ARN."""
    kim, clerk = house.get(USER, "kim").id, house.get(ROLE, "clerk").id
    assert create(house, trusting({"AWS": [kim, f"{clerk}:monday"]})) == {"AWS": [kim, f"{clerk}:monday"]}
    assert shown(house) == {"AWS": [KIM, SESSION]}


def test_a_user_has_no_sessions(house):
    """Only a role's id can be followed by a session name."""
    principal = house.get(USER, "kim").id + ":monday"
    document = trusting({"AWS": principal})
    code, message, _ = house.fails("CreateRole", RoleName="post", AssumeRolePolicyDocument=document)
    assert (code, message) == (
        "MalformedPolicyDocument",
        f'Invalid principal in policy: "AWS":"{principal}"',
    )


def test_a_namesake_inherits_no_trust(house):
    """After a user is deleted and made anew, the trust policy shows and trusts the old id only."""
    old = house.get(USER, "kim").id
    create(house, trusting({"AWS": KIM}))
    house("DeleteUser", UserName="Kim")
    assert shown(house) == {"AWS": old}
    house("CreateUser", UserName="Kim", Path="/staff/")
    assert house.get(USER, "kim").id != old
    assert stored(house) == shown(house) == {"AWS": old}


def test_a_dangling_id_cannot_be_written_back(house):
    """A document as it is shown, with the id of somebody gone, is refused."""
    create(house, trusting({"AWS": KIM}))
    house("DeleteUser", UserName="Kim")
    document = house("GetRole", RoleName="post")["Role"]["AssumeRolePolicyDocument"]
    code, message, _ = house.fails("UpdateAssumeRolePolicy", RoleName="post", PolicyDocument=document)
    assert code == "MalformedPolicyDocument"
    assert message.startswith('Invalid principal in policy: "AWS":"AIDA')


def test_a_rename_shows_the_new_arn(house):
    """Trust follows the user through a rename and a move."""
    create(house, trusting({"AWS": KIM}))
    house("UpdateUser", UserName="Kim", NewUserName="Lou", NewPath="/")
    assert shown(house) == {"AWS": "arn:aws:iam::111122223333:user/Lou"}


def test_principals_of_other_accounts_of_the_installation(house):
    """A role of another account that exists here is stored by its id."""
    house.add_account(OTHER)
    visitor = Role(
        name="Visitor",
        id="AROAVISITORVISITORVIS",
        create_date=house.now.replace(microsecond=0),
        trust_policy='{"Version":"2012-10-17","Statement":[]}',
    )
    house.store.submit(lambda transaction: transaction.put(ROLE, OTHER, visitor)).result()
    arn = f"arn:aws:iam::{OTHER}:role/Visitor"
    assert create(house, trusting({"AWS": arn})) == {"AWS": visitor.id}
    assert shown(house) == {"AWS": arn}


def test_the_document_keeps_its_order(house):
    """Members stay in the author's order; white space goes, letters of all languages stay."""
    document = """{ "Statement": { "Action": "sts:AssumeRole", "Effect": "Allow",
        "Condition": {"StringEquals": {"aws:PrincipalTag/é": "ü"}},
        "Principal": {"AWS": "*"} }, "Version": "2012-10-17" }"""
    create_statement = (
        '{"Statement":{"Action":"sts:AssumeRole","Effect":"Allow",'
        '"Condition":{"StringEquals":{"aws:PrincipalTag/é":"ü"}},'
        '"Principal":{"AWS":"*"}},"Version":"2012-10-17"}'
    )
    house("CreateRole", RoleName="post", AssumeRolePolicyDocument=document)
    assert house.get(ROLE, "post").trust_policy == create_statement


def test_several_statements(house):
    """Every statement's principals are stored by id, also those of denials."""
    kim = house.get(USER, "kim").id
    document = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"},
                {"Effect": "Deny", "Principal": {"AWS": KIM}, "Action": "sts:AssumeRole"},
            ],
        }
    )
    house("CreateRole", RoleName="post", AssumeRolePolicyDocument=document)
    statements = json.loads(house.get(ROLE, "post").trust_policy)["Statement"]
    assert [statement["Principal"]["AWS"] for statement in statements] == ["111122223333", kim]


def test_trust_policies_have_a_size(house):
    """2,048 characters without white space fit, one more does not."""
    plain = len(trusting(EVERYBODY, Sid="").replace(" ", ""))
    fits = json.dumps(json.loads(trusting(EVERYBODY, Sid="x" * (2048 - plain))), indent=4)
    over = json.dumps(json.loads(trusting(EVERYBODY, Sid="x" * (2049 - plain))), indent=4)
    create(house, fits)
    assert house.fails("UpdateAssumeRolePolicy", RoleName="post", PolicyDocument=over) == (
        "LimitExceeded",
        "Cannot exceed quota for ACLSizePerRole: 2048",
        409,
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "This policy contains invalid Json"),
        (
            trusting(EVERYBODY, Action="s3:GetObject"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (trusting("*"), 'AssumeRolepolicy contained an invalid principal: "STAR":"*".'),
        (
            trusting(EVERYBODY, Action="sts:Nonsense"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (trusting(EVERYBODY, Resource="*"), "Has prohibited field Resource"),
    ],
)
def test_malformed_trust_policies(house, document, message):
    """What is no trust policy is refused in AWS's words, at creation and update alike."""
    expected = ("MalformedPolicyDocument", message, 400)
    assert house.fails("CreateRole", RoleName="post", AssumeRolePolicyDocument=document) == expected
    assert house.fails("UpdateAssumeRolePolicy", RoleName="Clerk", PolicyDocument=document) == expected


@pytest.mark.parametrize("escape", [r"\u4e2d", r"\ud83d\udd11"])
def test_escapes_stay_escapes(house, escape):
    """Characters beyond Latin-1 can be written back as they are shown."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "X"}}
    document = trusting({"AWS": KIM}, Condition=condition).replace('"X"', f'"{escape}"')
    create(house, document)
    shown_document = house("GetRole", RoleName="post")["Role"]["AssumeRolePolicyDocument"]
    assert shown_document == document.replace('": ', '":').replace(", ", ",")
    house("UpdateAssumeRolePolicy", RoleName="post", PolicyDocument=shown_document)
    assert house("GetRole", RoleName="post")["Role"]["AssumeRolePolicyDocument"] == shown_document


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("3600", "3600"),
        ("0.5", "0.5"),
        ("1e999", '"1e999"'),
        ("-0", '"-0"'),
        ("0.10", '"0.10"'),
        ("12345678901234567890.5", '"12345678901234567890.5"'),
        ("1" * 1500, f'"{"1" * 1500}"'),
    ],
)
def test_numbers_keep_their_value(house, written, kept):
    """A number that JSON would not write as it was becomes its text, never something that is no JSON."""
    condition = {"NumericLessThan": {"aws:MultiFactorAuthAge": "X"}}
    create(house, trusting({"AWS": KIM}, Condition=condition).replace('"X"', written))
    document = house("GetRole", RoleName="post")["Role"]["AssumeRolePolicyDocument"]
    assert document.endswith(f'"aws:MultiFactorAuthAge":{kept}}}}}}}]}}')
    json.loads(document, parse_constant=pytest.fail)


def test_half_a_surrogate_pair_is_refused(house):
    """An escape that is no character is refused instead of breaking the store."""
    document = trusting(EVERYBODY).replace('"Version"', r'"Id": "\ud800", "Version"')
    code, _, status = house.fails("CreateRole", RoleName="post", AssumeRolePolicyDocument=document)
    assert (code, status) == ("MalformedPolicyDocument", 400)
