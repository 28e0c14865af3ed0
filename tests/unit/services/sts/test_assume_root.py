"""AssumeRoot: who may, for which task, and that the session can do nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError

from masugata.authorization import catalogue, managed_policies
from masugata.authorization.access import Access
from masugata.authorization.authorizer import engine_input
from masugata.engines.policy import decide
from masugata.identity.authenticate import session_caller
from masugata.identity.root_tasks import TASKS, task_of
from masugata.identity.session_tokens import open_session
from masugata.records.iam import ACCESS_KEY
from masugata.server import Credentials, sealed_key
from organizations import ID, MEMBER, open_account, organize
from policies import allow, document
from support import ACCOUNT, House
from unit.gateway.people import user

TASK_ARN = "arn:aws:iam::aws:policy/root-task/"
AUDIT = {"arn": f"{TASK_ARN}IAMAuditRootUserCredentials"}
DELETE = {"arn": f"{TASK_ARN}IAMDeleteRootUserCredentials"}
UNLOCK = {"arn": f"{TASK_ARN}S3UnlockBucketPolicy"}
ASKED = {"TargetPrincipal": MEMBER, "TaskPolicyArn": AUDIT}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An organization of two accounts with centralized root access."""
    house = House(tmp_path)
    open_account(house, MEMBER)
    organize(house, MEMBER)
    iam = house.client("iam")
    iam.enable_organizations_root_credentials_management()
    iam.enable_organizations_root_sessions()
    return house


def session(house: House, credentials: dict[str, Any], service: str) -> Any:
    """A client with temporary credentials."""
    key = (credentials["AccessKeyId"], credentials["SecretAccessKey"])
    return house.client(service, key, token=credentials["SessionToken"])


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    """The code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_the_root_users_key_of_a_member_is_deleted(house: House) -> None:
    """The task is done in the member account, as its root user; nothing of the own account is touched."""
    key = Credentials("AKIAMEMBERROOTKEY", "r" * 40)
    record = sealed_key(house.keeper, key, MEMBER, house.clock().replace(microsecond=0))
    house.store.submit(lambda transaction: transaction.put(ACCESS_KEY, MEMBER, record)).result()
    answer = house.client("sts").assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=DELETE)
    assert answer["Credentials"]["Expiration"] - house.clock() <= timedelta(seconds=900)
    who = session(house, answer["Credentials"], "sts").get_caller_identity()
    assert (who["Arn"], who["UserId"]) == (f"arn:aws:iam::{MEMBER}:root", MEMBER)
    iam = session(house, answer["Credentials"], "iam")
    assert [found["AccessKeyId"] for found in iam.list_access_keys()["AccessKeyMetadata"]] == [key[0]]
    iam.delete_access_key(AccessKeyId=key[0])
    assert iam.list_access_keys()["AccessKeyMetadata"] == []


def test_the_session_does_nothing_else(house: House) -> None:
    """Other operations, other users' credentials and further sessions are all denied."""
    credentials = house.client("sts").assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=DELETE)["Credentials"]
    iam, sts = (session(house, credentials, service) for service in ("iam", "sts"))
    denied = [
        (iam.create_user, {"UserName": "taro"}),
        (iam.list_users, {}),
        (iam.create_access_key, {}),
        (iam.list_access_keys, {"UserName": "admin"}),
        (iam.get_user, {"UserName": "admin"}),
        (iam.get_account_summary, {}),
        (sts.get_session_token, {}),
        (sts.get_federation_token, {"Name": "taro"}),
        (sts.assume_role, {"RoleArn": f"arn:aws:iam::{MEMBER}:role/Any", "RoleSessionName": "any"}),
        (sts.assume_root, ASKED),
        (sts.get_web_identity_token, {"Audience": ["a"], "SigningAlgorithm": "ES384"}),
        (session(house, credentials, "cloudtrail").lookup_events, {}),
    ]
    codes = [refused(call, **members)[0].removesuffix("Exception") for call, members in denied]
    assert codes == ["AccessDenied"] * len(denied)


@pytest.mark.parametrize("task", TASKS)
def test_no_action_but_the_tasks(house: House, task: str) -> None:
    """Of all actions that AWS has, a session may do its task's on the root user, and no other on anything."""
    arn = f"{TASK_ARN}{task}"
    credentials = house.client("sts").assume_root(TargetPrincipal=MEMBER, TaskPolicyArn={"arn": arn})[
        "Credentials"
    ]
    opened = open_session(credentials["SessionToken"], credentials["AccessKeyId"], house.keeper)
    records = house.store.snapshot()
    caller = session_caller(opened, records)
    context = {"aws:PrincipalArn": caller.arn, "aws:PrincipalAccount": MEMBER}
    may = set()
    for prefix in catalogue.names("actions"):
        entries = catalogue.service(prefix)
        for name in entries.actions if entries else ():
            for resource in (caller.arn, "*"):
                access = Access(action=name, resource=resource, resource_account=MEMBER)
                if decide(*engine_input(caller, access, context, records)).allowed:
                    may.add(name)
    assert may - {"sts:GetCallerIdentity"} == set(TASKS[task])


def test_tasks_are_what_aws_policies_spare() -> None:
    """What a task allows is what AWS's policy of that name exempts from its Deny."""
    for task, actions in TASKS.items():
        policy = managed_policies.get(f"{TASK_ARN}{task}")
        assert policy is not None
        first = orjson.loads(policy.document())["Statement"][0]
        assert (first["Effect"], sorted(first["NotAction"])) == ("Deny", sorted(actions))


def test_task_policies_are_known_by_their_exact_arn() -> None:
    """No other partition, path or name is a task."""
    assert task_of(f"{TASK_ARN}S3UnlockBucketPolicy", "aws") == "S3UnlockBucketPolicy"
    for arn in (
        "arn:aws-cn:iam::aws:policy/root-task/S3UnlockBucketPolicy",
        "arn:aws:iam::aws:policy/S3UnlockBucketPolicy",
        "arn:aws:iam::111122223333:policy/root-task/S3UnlockBucketPolicy",
        "S3UnlockBucketPolicy",
        f"{TASK_ARN}AdministratorAccess",
    ):
        assert task_of(arn, "aws") is None, arn


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"TaskPolicyArn": {"arn": TASK_ARN + "AdministratorAccess"}}, "ValidationError", "IAMAudit"),
        ({"TaskPolicyArn": {}}, "ValidationError", "taskPolicyArn"),
        ({"TargetPrincipal": f"arn:aws:iam::{MEMBER}:user/admin"}, "AccessDenied", "sts:AssumeRoot"),
        ({"TargetPrincipal": "not-an-account"}, "AccessDenied", "sts:AssumeRoot"),
        ({"TargetPrincipal": ACCOUNT}, "AccessDenied", "no member account"),
        ({"TargetPrincipal": "777788889999"}, "AccessDenied", "no member account"),
        ({"DurationSeconds": 901}, "ValidationError", "durationSeconds"),
        ({"DurationSeconds": -1}, "ValidationError", "durationSeconds"),
        ({"MinimumSessionTokenSize": 4097}, "ValidationError", "minimumSessionTokenSize"),
    ],
)  # fmt: skip
def test_bad_requests(house: House, change: dict[str, Any], code: str, text: str) -> None:
    """Anything but a task for a quarter of an hour in a member account is refused."""
    found = refused(house.client("sts").assume_root, **{**ASKED, **change})
    assert found[0] == code
    assert text in found[1]


def test_target_by_arn_and_no_time_at_all(house: House) -> None:
    """The root user's ARN names the account, too; a session of no seconds is over at once."""
    root = f"arn:aws:iam::{MEMBER}:root"
    answer = house.client("sts").assume_root(**{**ASKED, "TargetPrincipal": root}, DurationSeconds=0)
    assert refused(session(house, answer["Credentials"], "iam").get_user)[0] == "ExpiredToken"


def test_without_permission(house: House) -> None:
    """The caller's own policies must allow the task in that account."""
    target = f"arn:aws:iam::{MEMBER}:root"
    task = {"StringEquals": {"sts:TaskPolicyArn": AUDIT["arn"]}}
    cases = {
        "nobody": (allow("iam:*"), False),
        "elsewhere": (allow("sts:AssumeRoot", f"arn:aws:iam::{ACCOUNT}:root"), False),
        "other": (allow("sts:AssumeRoot", target, StringEquals={"sts:TaskPolicyArn": UNLOCK["arn"]}), False),
        "auditor": (allow("sts:AssumeRoot", target, **task), True),
    }
    for name, (statement, may) in cases.items():
        sts = house.client("sts", user(house, name, statement))
        if may:
            sts.assume_root(**ASKED)
        else:
            code, message = refused(sts.assume_root, **ASKED)
            assert code == "AccessDenied"
            assert message.endswith("because no identity-based policy allows the sts:AssumeRoot action")


def test_root_user_cannot(house: House) -> None:
    """Root credentials do not open another account's root."""
    assert refused(house.root("sts").assume_root, **ASKED)[0] == "AccessDenied"


def test_each_task_needs_its_feature(house: House) -> None:
    """Credentials are one feature, policies that lock a resource the other."""
    iam, sts = house.client("iam"), house.client("sts")
    iam.disable_organizations_root_sessions()
    sts.assume_root(**ASKED)
    code, message = refused(sts.assume_root, TargetPrincipal=MEMBER, TaskPolicyArn=UNLOCK)
    assert code == "AccessDenied"
    assert message.endswith(f"because RootSessions is not enabled in the organization {ID}")
    iam.enable_organizations_root_sessions()
    iam.disable_organizations_root_credentials_management()
    sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=UNLOCK)
    assert "RootCredentialsManagement" in refused(sts.assume_root, **ASKED)[1]


def test_only_for_the_organization(house: House) -> None:
    """The management account and IAM's delegated administrator may; another member or service's may not."""
    third = "777788889999"
    key = open_account(house, third)
    sts = house.client("sts", key)
    assert "is in no organization" in refused(sts.assume_root, **ASKED)[1]
    organize(house, MEMBER, third)
    assert "neither the management account" in refused(sts.assume_root, **ASKED)[1]
    organize(house, MEMBER, third, delegated_administrators={"sso.amazonaws.com": (third,)})
    assert "neither the management account" in refused(sts.assume_root, **ASKED)[1]
    organize(house, MEMBER, third, delegated_administrators={"iam.amazonaws.com": (third,)})
    sts.assume_root(**ASKED)
    organize(house, MEMBER, delegated_administrators={"iam.amazonaws.com": (third,)})
    assert "is in no organization" in refused(sts.assume_root, **ASKED)[1]


def test_without_trusted_access(house: House) -> None:
    """An organization that no longer trusts IAM lets nobody be root."""
    for fields in ({"trusted_services": ()}, {"all_features": False}):
        organize(house, MEMBER, **fields)
        assert "no trusted access" in refused(house.client("sts").assume_root, **ASKED)[1]


def test_both_accounts_see_it(house: House) -> None:
    """The call is in the events of both accounts, and what the session does says that it was assumed."""
    answer = house.client("sts").assume_root(**ASKED)
    session(house, answer["Credentials"], "iam").get_account_summary()

    def events(account: str, name: str) -> list[dict[str, Any]]:
        rows = house.store.events(account, "us-east-1", attribute=("EventName", name))
        return [orjson.loads(row.body) for row in rows]

    (ours,), (theirs,) = events(ACCOUNT, "AssumeRoot"), events(MEMBER, "AssumeRoot")
    assert ours["sharedEventID"] == theirs["sharedEventID"]
    assert ours["requestParameters"] == {"targetPrincipal": MEMBER, "taskPolicyArn": AUDIT}
    assert theirs["userIdentity"]["type"] == "AWSAccount"
    (done,) = events(MEMBER, "GetAccountSummary")
    assert done["userIdentity"]["type"] == "Root"
    assert done["userIdentity"]["sessionContext"]["assumedRoot"] == "true"


def test_source_identity_is_carried(house: House) -> None:
    """Whoever set a source identity has it as root, too."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
    }
    iam = house.client("iam")
    arn = iam.create_role(RoleName="Ops", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="Ops", PolicyName="p", PolicyDocument=document(allow()))
    ops = house.client("sts").assume_role(RoleArn=arn, RoleSessionName="night", SourceIdentity="hanako")
    answer = session(house, ops["Credentials"], "sts").assume_root(**ASKED)
    assert answer["SourceIdentity"] == "hanako"
    opened = open_session(
        answer["Credentials"]["SessionToken"], answer["Credentials"]["AccessKeyId"], house.keeper
    )
    assert opened.source_identity == "hanako"


def test_an_audit_sees_every_kind_of_credential(house: House) -> None:
    """Keys, certificates, MFA devices and the root user itself are shown, and no user's."""
    credentials = house.client("sts").assume_root(**ASKED)["Credentials"]
    iam = session(house, credentials, "iam")
    assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{MEMBER}:root"
    assert iam.list_access_keys()["AccessKeyMetadata"] == []
    assert iam.list_signing_certificates()["Certificates"] == []
    assert iam.list_mfa_devices()["MFADevices"] == []
    assert iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 0
    for call in (iam.list_signing_certificates, iam.list_mfa_devices, iam.list_access_keys):
        assert refused(call, UserName="admin")[0] == "AccessDenied"
    assert refused(iam.list_virtual_mfa_devices)[0] == "AccessDenied"
