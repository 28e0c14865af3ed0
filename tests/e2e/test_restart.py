"""What a restart keeps: everything, the credentials that were issued before it included."""

import json

import pytest
from botocore.exceptions import ClientError

from e2e.conftest import Server, policy
from policies import allow

TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def restart(server, how):
    """Stop or kill it, and start it again."""
    getattr(server, how)()
    server.start()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_everything_is_there(own_server, how):
    """Users, groups, roles, policies, tags and keys are after a restart what they were before it."""
    server = own_server
    iam = server.client("iam")
    key = server.user("alice", p=policy(allow("iam:ListGroups")))
    iam.tag_user(UserName="alice", Tags=[{"Key": "team", "Value": "枡形"}])
    iam.create_group(GroupName="chefs", Path="/kitchen/")
    iam.add_user_to_group(GroupName="chefs", UserName="alice")
    arn = iam.create_policy(PolicyName="managed", PolicyDocument=json.dumps(policy(allow("iam:GetUser"))))[
        "Policy"
    ]["Arn"]
    iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=json.dumps(policy(allow("iam:ListUsers"))), SetAsDefault=True
    )
    iam.attach_group_policy(GroupName="chefs", PolicyArn=arn)
    iam.create_role(
        RoleName="cook",
        AssumeRolePolicyDocument=json.dumps(policy({**TRUST, "Principal": {"AWS": server.account}})),
    )
    iam.create_instance_profile(InstanceProfileName="oven")
    iam.add_role_to_instance_profile(InstanceProfileName="oven", RoleName="cook")
    iam.create_account_alias(AccountAlias="trattoria")
    inactive = server.key("alice")
    iam.update_access_key(UserName="alice", AccessKeyId=inactive[0], Status="Inactive")

    def state():
        now = server.client("iam")
        details = now.get_account_authorization_details()
        details.pop("ResponseMetadata")
        keys = now.list_access_keys(UserName="alice")["AccessKeyMetadata"]
        return (
            details,
            keys,
            now.list_account_aliases()["AccountAliases"],
            now.list_user_tags(UserName="alice")["Tags"],
        )

    before, admin = state(), server.admin()
    restart(server, how)
    assert state() == before
    assert server.admin() == admin
    assert server.client("iam", key).list_users()["Users"]
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        server.client("iam", inactive).list_users()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_sessions_go_on(own_server, how):
    """Temporary credentials of every kind open after a restart what they opened before, and no more."""
    server = own_server
    key = server.user("alice", p=policy(allow(["sts:AssumeRole", "sts:GetFederationToken", "iam:ListUsers"])))
    trusts = policy({**TRUST, "Principal": {"AWS": f"arn:aws:iam::{server.account}:user/alice"}})
    role = server.client("iam").create_role(RoleName="cook", AssumeRolePolicyDocument=json.dumps(trusts))[
        "Role"
    ]
    server.client("iam").put_role_policy(
        RoleName="cook", PolicyName="p", PolicyDocument=json.dumps(policy(allow("iam:List*")))
    )
    sts = server.client("sts", key)
    narrow = json.dumps(policy(allow("iam:ListUsers")))
    sessions = {
        "assumed-role/cook/till": sts.assume_role(RoleArn=role["Arn"], RoleSessionName="till", Policy=narrow),
        "federated-user/guest": sts.get_federation_token(Name="guest", Policy=narrow),
        "user/alice": sts.get_session_token(),
    }
    denied = server.client("iam", server.user("nobody"))
    with pytest.raises(ClientError) as caught:
        denied.list_users()
    encoded = caught.value.response["ResponseMetadata"]["HTTPHeaders"]["x-masugata-authorization-message"]
    restart(server, how)
    for ending, session in sessions.items():
        who = server.session(session["Credentials"], "sts").get_caller_identity()["Arn"]
        assert who.endswith(":" + ending)
    acting = server.session(sessions["assumed-role/cook/till"]["Credentials"], "iam")
    assert acting.list_users()["Users"]
    with pytest.raises(ClientError, match="no session policy allows"):
        acting.list_roles()
    decoded = server.client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    assert json.loads(decoded)["context"]["action"] == "iam:ListUsers"


def test_events_and_last_uses(own_server):
    """After an orderly stop the event history and the last uses are complete, reads included."""
    server = own_server
    key = server.user("alice", p=policy(allow("iam:ListUsers")))
    server.client("iam", key).list_users()
    with pytest.raises(ClientError):
        server.client("iam", key).list_roles()
    server.stop()
    server.start()
    attribute = {"AttributeKey": "Username", "AttributeValue": "alice"}
    events = server.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
    assert {event["EventName"] for event in events} == {"ListUsers", "ListRoles"}
    used = server.client("iam").get_access_key_last_used(AccessKeyId=key[0])["AccessKeyLastUsed"]
    assert used["ServiceName"] == "iam"


def test_moved_folder(tmp_path):
    """A data directory that was moved as a whole opens in its new place."""
    server = Server(tmp_path / "old").start()
    key = server.user("alice")
    server.stop()
    (tmp_path / "old").rename(tmp_path / "new")
    server = Server(tmp_path / "new").start()
    try:
        assert server.client("sts", key).get_caller_identity()["Arn"].endswith(":user/alice")
    finally:
        server.stop()


def test_preset_root_key(tmp_path):
    """A root key in the settings is the root user's as long as they name it; no copy lies in a file."""
    preset = {
        "MASUGATA_ROOT_ACCESS_KEY_ID": "ROOTROOTROOT",
        "MASUGATA_ROOT_SECRET_ACCESS_KEY": "a-secret-of-tests",
    }
    server = Server(tmp_path / "data", environment=preset).start()
    try:
        key = tuple(preset.values())
        for _ in range(2):
            assert (
                server.client("sts", key).get_caller_identity()["Arn"]
                == f"arn:aws:iam::{server.account}:root"
            )
            server.stop()
            for path in server.data.rglob("*"):
                if path.is_dir():
                    continue
                assert preset["MASUGATA_ROOT_SECRET_ACCESS_KEY"].encode() not in path.read_bytes()
            server.start()
        server.stop()
        server.environment = {}
        server.start()
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            server.client("sts", key).get_caller_identity()
    finally:
        server.stop()


def test_endpoint_lives_with_its_server(own_server):
    """A server that stopped leaves no endpoint behind, only one that was killed does."""
    file = own_server.data / "endpoint.json"
    assert json.loads(file.read_bytes())["url"] == own_server.url
    own_server.stop()
    assert not file.exists()


def test_lost_database(own_server, capfd):
    """Where the database of an installation is gone, no new one is made in its place."""
    own_server.stop()
    credentials = (own_server.data / "credentials").read_bytes()
    for database in own_server.data.glob("masugata.db*"):
        database.unlink()
    with pytest.raises(AssertionError, match="ended before it was ready"):
        own_server.start()
    own_server.process.wait()
    own_server.process.stdout.close()
    own_server.process = None
    assert "is gone: restore `masugata.db` from a backup" in capfd.readouterr().err
    assert (own_server.data / "credentials").read_bytes() == credentials
