"""With default settings and no flag, everything that must be refused is refused, and says why."""

import json
from http.client import HTTPConnection
from typing import Any

import pytest
from botocore.exceptions import ClientError

from e2e.conftest import Server, policy
from policies import allow, deny


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    """The code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_wrong_secret(server: Server) -> None:
    """A right key id with a wrong secret opens nothing."""
    key = server.admin()
    code, _ = refused(server.client("iam", (key[0], "x" * 40)).list_users)
    assert code == "SignatureDoesNotMatch"


def test_unknown_key(server: Server) -> None:
    """A key that was never issued is not known."""
    code, _ = refused(server.client("sts", ("AKIAQAAAAAAAAAAAAAAA", "x" * 40)).get_caller_identity)
    assert code == "InvalidClientTokenId"


def test_unsigned(server: Server) -> None:
    """No signature, no answer."""
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.request("POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15")
    answer = connection.getresponse()
    assert answer.status == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in answer.read()
    connection.close()


def test_no_policy(server: Server) -> None:
    """A new user can do nothing but ask who it is."""
    key = server.user("newcomer")
    assert server.client("sts", key).get_caller_identity()["Arn"].endswith(":user/newcomer")
    code, message = refused(server.client("iam", key).list_users)
    assert code == "AccessDenied"
    assert message == (
        f"User: arn:aws:iam::{server.account}:user/newcomer is not authorized to perform: iam:ListUsers "
        f"on resource: arn:aws:iam::{server.account}:user/ because no identity-based policy allows "
        "the iam:ListUsers action"
    )


def test_explicit_deny(server: Server) -> None:
    """An explicit deny wins over any allow, and names level, policy and statement."""
    key = server.user(
        "denied", everything=policy(allow("*")), no=policy(deny("iam:ListGroups", sid="NoGroups"))
    )
    assert server.client("iam", key).list_users()["Users"]
    _, message = refused(server.client("iam", key).list_groups)
    assert "with an explicit deny in an identity-based policy" in message
    assert "inline policy no of" in message
    assert "NoGroups" in message


def test_other_arn(server: Server) -> None:
    """A permission on one user is none on another."""
    server.user("target")
    arn = f"arn:aws:iam::{server.account}:user/target"
    key = server.user("narrow", p=policy(allow("iam:GetUser", arn)))
    iam = server.client("iam", key)
    assert iam.get_user(UserName="target")["User"]["Arn"] == arn
    assert refused(iam.get_user, UserName="narrow")[0] == "AccessDenied"
    assert refused(iam.get_user, UserName="TARGET")[0] == "AccessDenied"


def test_region_condition(server: Server) -> None:
    """A condition on the Region binds the Region that the call is signed for."""
    statement = allow("cloudtrail:LookupEvents", StringEquals={"aws:RequestedRegion": "eu-west-1"})
    key = server.user("regional", p=policy(statement))
    server.client("cloudtrail", key, region="eu-west-1").lookup_events()
    code, _ = refused(server.client("cloudtrail", key, region="us-east-1").lookup_events)
    assert code == "AccessDeniedException"


def test_source_ip_condition(server: Server) -> None:
    """A condition on the source address binds the peer's, not what a header claims."""
    elsewhere = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    key = server.user("remote", p=policy(allow("iam:ListUsers", **elsewhere)))
    iam = server.client("iam", key)
    iam.meta.events.register(
        "before-sign.iam.*", lambda request, **_: request.headers.add_header("X-Forwarded-For", "203.0.113.9")
    )
    assert refused(iam.list_users)[0] == "AccessDenied"


def test_not_action_deny(server: Server) -> None:
    """Deny with NotAction denies everything else."""
    key = server.user(
        "almost",
        all=policy(allow("*")),
        no=policy({"Effect": "Deny", "NotAction": "iam:ListUsers", "Resource": "*"}),
    )
    assert server.client("iam", key).list_users()["Users"]
    assert "explicit deny" in refused(server.client("iam", key).list_roles)[1]


def test_boundary(server: Server) -> None:
    """A permissions boundary limits even an administrator."""
    iam = server.client("iam")
    boundary = iam.create_policy(
        PolicyName="boundary", PolicyDocument=json.dumps(policy(allow("iam:ListUsers")))
    )["Policy"]["Arn"]
    key = server.user("bounded", all=policy(allow("*")))
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=boundary)
    assert server.client("iam", key).list_users()["Users"]
    _, message = refused(server.client("iam", key).list_roles)
    assert "because no permissions boundary allows the iam:ListRoles action" in message


def trusting(server: Server, name: str, principal: Any, **more: Any) -> str:
    """A role that may list users, and trusts this principal."""
    iam = server.client("iam")
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy(statement)))["Role"]
    iam.put_role_policy(
        RoleName=name,
        PolicyName="p",
        PolicyDocument=json.dumps(policy(allow(["iam:ListUsers", "iam:ListRoles"]))),
    )
    return str(role["Arn"])


def test_session_policy(server: Server) -> None:
    """A session policy takes away, and cannot add."""
    key = server.user("actor")
    role = trusting(server, "Acting", {"AWS": f"arn:aws:iam::{server.account}:user/actor"})
    sts = server.client("sts", key)
    narrowed = sts.assume_role(
        RoleArn=role,
        RoleSessionName="till",
        Policy=json.dumps(policy(allow(["iam:ListUsers", "iam:ListGroups"]))),
    )["Credentials"]
    iam = server.session(narrowed, "iam")
    assert iam.list_users()["Users"]
    assert "because no session policy allows" in refused(iam.list_roles)[1]
    assert "because no identity-based policy allows" in refused(iam.list_groups)[1]


def test_trust_policy_naming_another_user(server: Server) -> None:
    """Permission to assume a role is nothing where the role trusts somebody else."""
    server.user("trusted")
    key = server.user("untrusted", p=policy(allow("sts:AssumeRole")))
    role = trusting(server, "Private", {"AWS": f"arn:aws:iam::{server.account}:user/trusted"})
    code, message = refused(server.client("sts", key).assume_role, RoleArn=role, RoleSessionName="till")
    assert code == "AccessDenied"
    assert "because no role trust policy allows the sts:AssumeRole action" in message


def test_assume_role_without_permission(server: Server) -> None:
    """A role that trusts the account leaves it to the account's policies, which say nothing."""
    key = server.user("powerless")
    role = trusting(server, "Open", {"AWS": server.account})
    code, message = refused(server.client("sts", key).assume_role, RoleArn=role, RoleSessionName="till")
    assert code == "AccessDenied"
    assert "because no identity-based policy allows the sts:AssumeRole action" in message


def test_role_that_does_not_exist(server: Server) -> None:
    """A missing role is denied like one that trusts nobody, even to an administrator."""
    arn = f"arn:aws:iam::{server.account}:role/nobody"
    assert refused(server.client("sts").assume_role, RoleArn=arn, RoleSessionName="till")[0] == "AccessDenied"


def test_recreated_user_is_not_trusted(server: Server) -> None:
    """Trust is in the person, not in the name."""
    server.user("phoenix")
    role = trusting(server, "Nest", {"AWS": f"arn:aws:iam::{server.account}:user/phoenix"})
    iam = server.client("iam")
    for key in iam.list_access_keys(UserName="phoenix")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="phoenix", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="phoenix")
    key = server.user("phoenix")
    code, _ = refused(server.client("sts", key).assume_role, RoleArn=role, RoleSessionName="till")
    assert code == "AccessDenied"
    statement = iam.get_role(RoleName="Nest")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Principal"]["AWS"].startswith("AIDA")


def test_deactivated_key(server: Server) -> None:
    """A deactivated key is refused at the next call, and works again once it is active."""
    key = server.user("paused", p=policy(allow("iam:ListUsers")))
    iam = server.client("iam", key)
    assert iam.list_users()["Users"]
    for status, works in (("Inactive", False), ("Active", True)):
        server.client("iam").update_access_key(UserName="paused", AccessKeyId=key[0], Status=status)
        if works:
            assert iam.list_users()["Users"]
        else:
            assert refused(iam.list_users)[0] == "InvalidClientTokenId"


def test_session_of_deleted_role(server: Server) -> None:
    """With the role, its sessions end."""
    key = server.user("orphan")
    role = trusting(server, "Gone", {"AWS": f"arn:aws:iam::{server.account}:user/orphan"})
    session = server.client("sts", key).assume_role(RoleArn=role, RoleSessionName="till")["Credentials"]
    assert server.session(session, "iam").list_users()["Users"]
    iam = server.client("iam")
    iam.delete_role_policy(RoleName="Gone", PolicyName="p")
    iam.delete_role(RoleName="Gone")
    assert refused(server.session(session, "iam").list_users)[0] == "InvalidClientTokenId"


def test_tampered_session_token(server: Server) -> None:
    """A session token with one character changed, or somebody else's, is invalid."""
    one, two = (server.client("sts").get_session_token()["Credentials"] for _ in range(2))
    token = one["SessionToken"]
    for forged in (token[:40] + ("A" if token[40] != "A" else "B") + token[41:], two["SessionToken"], "AAAA"):
        sts = server.session({**one, "SessionToken": forged}, "sts")
        assert refused(sts.get_caller_identity)[0] == "InvalidClientTokenId"


def test_session_token_without_mfa_has_no_iam(server: Server) -> None:
    """GetSessionToken without MFA gives no access to IAM, even to an administrator."""
    session = server.client("sts").get_session_token()["Credentials"]
    assert server.session(session, "sts").get_caller_identity()["Arn"].endswith(":user/admin")
    assert refused(server.session(session, "iam").list_users)[0] == "InvalidClientTokenId"
    assert refused(server.session(session, "sts").get_session_token)[0] == "AccessDenied"


def test_denial_can_be_decoded(server: Server) -> None:
    """The encoded message of a denial opens for those who may decode it, and only for them."""
    key = server.user("curious")
    with pytest.raises(ClientError) as caught:
        server.client("iam", key).list_users()
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    encoded = headers["x-masugata-authorization-message"]
    decoded = server.client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    assert json.loads(decoded)["context"]["action"] == "iam:ListUsers"
    code, _ = refused(server.client("sts", key).decode_authorization_message, EncodedMessage=encoded)
    assert code == "AccessDenied"
    code, _ = refused(server.client("sts").decode_authorization_message, EncodedMessage="AAAA")
    assert code == "InvalidAuthorizationMessageException"


def test_pass_role(server: Server) -> None:
    """Handing a role to an instance profile needs the permission to pass that role."""
    server.user("anybody")
    role = trusting(server, "Passed", {"Service": "ec2.amazonaws.com"})
    server.client("iam").create_instance_profile(InstanceProfileName="passing")
    key = server.user("passer", p=policy(allow("iam:AddRoleToInstanceProfile")))
    call = {"InstanceProfileName": "passing", "RoleName": "Passed"}
    code, message = refused(server.client("iam", key).add_role_to_instance_profile, **call)
    assert code == "AccessDenied"
    assert f"iam:PassRole on resource: {role}" in message
    server.client("iam").put_user_policy(
        UserName="passer", PolicyName="pass", PolicyDocument=json.dumps(policy(allow("iam:PassRole", role)))
    )
    server.client("iam", key).add_role_to_instance_profile(**call)


def test_denials_are_recorded(server: Server) -> None:
    """A denial is in the event history, with its code and reason, once it has been answered."""
    key = server.user("watched")
    refused(server.client("iam", key).list_users)
    attribute = {"AttributeKey": "Username", "AttributeValue": "watched"}
    events = server.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
    body = json.loads(events[0]["CloudTrailEvent"])
    assert body["errorCode"] == "AccessDenied"
    assert "no identity-based policy allows" in body["errorMessage"]
    assert body["userIdentity"]["userName"] == "watched"
