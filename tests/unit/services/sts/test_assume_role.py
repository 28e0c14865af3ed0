"""AssumeRole beyond who may: durations, chains, tags, source identity, session policies, external ids."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support import ACCOUNT, House

TRUST_ACCOUNT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
ALL_STS = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def role(house: House, name: str, *, maximum: int = 3600, **statement: Any) -> str:
    """A role that the account's principals may assume, tag and give a source identity."""
    trust = {"Effect": "Allow", "Principal": TRUST_ACCOUNT, "Action": ALL_STS, **statement}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = house.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, MaxSessionDuration=maximum)[
        "Role"
    ]
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return str(made["Arn"])


def session(house: House, credentials: dict[str, Any], service: str) -> Any:
    """A client with temporary credentials."""
    return house.client(
        service,
        (credentials["AccessKeyId"], credentials["SecretAccessKey"]),
        token=credentials["SessionToken"],
    )


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    """The code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_answer_names_the_session(house: House) -> None:
    """The answer has the session's ARN and id, and the credentials act as it."""
    arn = role(house, "Cashier")
    answer = house.client("sts").assume_role(RoleArn=arn, RoleSessionName="hanako")
    who = session(house, answer["Credentials"], "sts").get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Cashier/hanako"
    assert who["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert who["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_session_expires(house: House) -> None:
    """After its duration a session is refused as expired, not before."""
    arn = role(house, "Brief")
    answer = house.client("sts").assume_role(RoleArn=arn, RoleSessionName="till", DurationSeconds=900)
    sts = session(house, answer["Credentials"], "sts")
    sts.get_caller_identity()
    house.clock.offset = timedelta(seconds=901)
    assert refused(sts.get_caller_identity)[0] == "ExpiredToken"


def test_duration_limits(house: House) -> None:
    """The role's maximum binds; the API's own limits come before it."""
    sts = house.client("sts")
    arn = role(house, "Long", maximum=7200)
    sts.assume_role(RoleArn=arn, RoleSessionName="till", DurationSeconds=7200)
    code, message = refused(sts.assume_role, RoleArn=arn, RoleSessionName="till", DurationSeconds=7201)
    assert code == "ValidationError"
    assert message == "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    for seconds in (899, 43201):
        code, message = refused(sts.assume_role, RoleArn=arn, RoleSessionName="till", DurationSeconds=seconds)
        assert code == "ValidationError"
        assert "durationSeconds" in message


def test_chained_roles_last_an_hour(house: House) -> None:
    """A role assumed from a role lasts an hour at most, whatever its maximum."""
    arn = role(house, "Chained", maximum=43200)
    first = house.client("sts").assume_role(RoleArn=arn, RoleSessionName="one")["Credentials"]
    sts = session(house, first, "sts")
    sts.assume_role(RoleArn=arn, RoleSessionName="two", DurationSeconds=3600)
    code, message = refused(sts.assume_role, RoleArn=arn, RoleSessionName="two", DurationSeconds=3601)
    assert code == "ValidationError"
    assert "role chaining" in message


def test_external_id(house: House) -> None:
    """Where the trust policy asks for an external id, only that id opens."""
    arn = role(house, "Partner", Condition={"StringEquals": {"sts:ExternalId": "shop-7"}})
    sts = house.client("sts")
    sts.assume_role(RoleArn=arn, RoleSessionName="till", ExternalId="shop-7")
    for wrong in ({}, {"ExternalId": "shop-8"}):
        assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="till", **wrong)[0] == "AccessDenied"


def test_tags_need_their_own_permission(house: House) -> None:
    """Passing tags asks for sts:TagSession of the trust policy."""
    arn = role(house, "Plain", Action="sts:AssumeRole")
    sts = house.client("sts")
    sts.assume_role(RoleArn=arn, RoleSessionName="till")
    tags = [{"Key": "team", "Value": "bar"}]
    code, message = refused(sts.assume_role, RoleArn=arn, RoleSessionName="till", Tags=tags)
    assert code == "AccessDenied"
    assert "sts:TagSession" in message
    assert (
        refused(sts.assume_role, RoleArn=arn, RoleSessionName="till", SourceIdentity="me")[0]
        == "AccessDenied"
    )


def test_session_tags_reach_policies(house: House) -> None:
    """A session tag goes over the role's tag of the same name in aws:PrincipalTag."""
    arn = role(house, "Tagged")
    iam = house.client("iam")
    iam.tag_role(RoleName="Tagged", Tags=[{"Key": "Team", "Value": "kitchen"}])
    iam.put_role_policy(
        RoleName="Tagged",
        PolicyName="p",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Deny",
                    "Action": "iam:ListUsers",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalTag/team": "bar"}},
                },
            }
        ),
    )
    sts = house.client("sts")
    plain = sts.assume_role(RoleArn=arn, RoleSessionName="till")["Credentials"]
    assert session(house, plain, "iam").list_users()["Users"]
    tagged = sts.assume_role(RoleArn=arn, RoleSessionName="till", Tags=[{"Key": "team", "Value": "bar"}])[
        "Credentials"
    ]
    assert "explicit deny" in refused(session(house, tagged, "iam").list_users)[1]


def test_transitive_tags_travel_and_cannot_be_replaced(house: House) -> None:
    """A transitive tag is on the next session of the chain, and the chain cannot change it."""
    arn = role(house, "Relay")
    first = house.client("sts").assume_role(
        RoleArn=arn,
        RoleSessionName="one",
        Tags=[{"Key": "project", "Value": "beans"}],
        TransitiveTagKeys=["project"],
    )["Credentials"]
    sts = session(house, first, "sts")
    code, message = refused(
        sts.assume_role, RoleArn=arn, RoleSessionName="two", Tags=[{"Key": "Project", "Value": "x"}]
    )
    assert code == "InvalidParameterValue"
    assert "conflicts with a transitive tag key" in message
    second = sts.assume_role(RoleArn=arn, RoleSessionName="two")["Credentials"]
    condition = {"StringEquals": {"aws:PrincipalTag/project": "beans"}}
    deny = {"Effect": "Deny", "Action": "iam:ListRoles", "Resource": "*", "Condition": condition}
    house.client("iam").put_role_policy(
        RoleName="Relay",
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": deny}),
    )
    assert "explicit deny" in refused(session(house, second, "iam").list_roles)[1]


def test_source_identity_stays(house: House) -> None:
    """A source identity is answered, kept along the chain, and cannot be changed."""
    arn = role(house, "Source")
    first = house.client("sts").assume_role(RoleArn=arn, RoleSessionName="till", SourceIdentity="hanako")
    assert first["SourceIdentity"] == "hanako"
    sts = session(house, first["Credentials"], "sts")
    assert sts.assume_role(RoleArn=arn, RoleSessionName="counter")["SourceIdentity"] == "hanako"
    code, _ = refused(sts.assume_role, RoleArn=arn, RoleSessionName="counter", SourceIdentity="taro")
    assert code == "AccessDenied"


def test_bad_session_policies(house: House) -> None:
    """A session policy is read strictly, and the packed size has an end."""
    arn = role(house, "Strict")
    sts = house.client("sts")
    for document in ("{", "{}", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}'):
        code, _ = refused(sts.assume_role, RoleArn=arn, RoleSessionName="till", Policy=document)
        assert code == "MalformedPolicyDocument", document
    arns = [{"arn": f"arn:aws:iam::{ACCOUNT}:policy/none"}]
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="till", PolicyArns=arns)[0] == (
        "MalformedPolicyDocument"
    )
    import os

    tags = [{"Key": f"k{i}{os.urandom(40).hex()}", "Value": os.urandom(100).hex()} for i in range(50)]
    assert (
        refused(sts.assume_role, RoleArn=arn, RoleSessionName="till", Tags=tags)[0] == "PackedPolicyTooLarge"
    )


def test_the_plain_text_of_session_policies(house: House) -> None:
    """A session policy and the ARNs beside it have at most 2,048 characters, white space included."""
    arn = role(house, "Terse")
    everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    named = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    sts = house.client("sts")
    for sized, arns in ((2048, []), (2048 - len(named), [{"arn": named}])):
        given = {"RoleArn": arn, "RoleSessionName": "till", "PolicyArns": arns}
        assert sts.assume_role(**given, Policy=everything.ljust(sized))["Credentials"]
        code, message = refused(sts.assume_role, **given, Policy=everything.ljust(sized + 1))
        assert code == "ValidationError"
        assert "2048 characters" in message


def test_root_cannot_assume_roles(house: House) -> None:
    """The root user puts on no role."""
    arn = role(house, "NotRoot")
    root = house.root("sts")
    assert root.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    code, message = refused(root.assume_role, RoleArn=arn, RoleSessionName="till")
    assert code == "AccessDenied"
    assert message == "Roles may not be assumed by root accounts."


def test_fifty_tags_with_those_passed_on(house: House) -> None:
    """The tags that a chain passes on count towards the fifty that a session may have."""
    arn = role(house, "Laden")
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(30)]
    first = house.client("sts").assume_role(
        RoleArn=arn, RoleSessionName="one", Tags=tags, TransitiveTagKeys=[tag["Key"] for tag in tags]
    )["Credentials"]
    sts = session(house, first, "sts")
    more = [{"Key": f"m{number}", "Value": ""} for number in range(21)]
    sts.assume_role(RoleArn=arn, RoleSessionName="two", Tags=more[:20])
    code, message = refused(sts.assume_role, RoleArn=arn, RoleSessionName="two", Tags=more)
    assert code == "InvalidParameterValue"
    assert "at most 50 tags" in message
