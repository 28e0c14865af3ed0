"""Several accounts in one installation: apart, and connected by roles alone."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from masugata.settings import SettingsError
from masugata.testing import Account, LocalAws, local_aws
from policies import allow, document
from unit.testing.world import (
    ACCOUNT,
    EVERYTHING,
    failure,
    new_role,
    new_user,
    refused,
    trusting,
    wearing,
    who,
)

ALL_STS = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own."""
    with local_aws() as entered:
        yield entered


@pytest.fixture
def tokyo(aws: LocalAws) -> Account:
    """Another account."""
    return aws.account("shop-tokyo")


def assume(account: Account, arn: str, *, user: str | None = None, **more: Any) -> Any:
    """What AssumeRole answers a user of an account."""
    return account.client("sts", user=user).assume_role(RoleArn=arn, RoleSessionName="visit", **more)


def denial(account: Account, arn: str, **more: Any) -> str:
    """The message of an AssumeRole that must be denied."""
    sts = account.client("sts", user="alice")
    code, message = refused(sts.assume_role, RoleArn=arn, RoleSessionName="visit", **more)
    assert code == "AccessDenied"
    return message


def test_accounts_are_apart(aws: LocalAws, tokyo: Account) -> None:
    """Each has its own users, its own `admin` and its own events; the key says the account."""
    new_user(tokyo, "taro")
    assert who(tokyo.client("sts")) == f"arn:aws:iam::{tokyo.id}:user/admin"
    assert who(tokyo.client("sts", root=True)) == f"arn:aws:iam::{tokyo.id}:root"
    assert refused(boto3.client("iam").get_user, UserName="taro")[0] == "NoSuchEntity"
    assert "CreateUser" not in [event["eventName"] for event in aws.events()]
    assert {event["recipientAccountId"] for event in tokyo.events()} == {tokyo.id}
    by_name = [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
    for account, count in ((tokyo, 1), (aws, 0)):
        found = account.client("cloudtrail").lookup_events(LookupAttributes=by_name)["Events"]
        assert len(found) == count


def test_names_and_ids(aws: LocalAws, tokyo: Account) -> None:
    """A name has the same id in every run, and an id is itself."""
    assert tokyo.id == "999289124211"
    assert aws.account("shop-tokyo").id == aws.account("999289124211").id == tokyo.id
    assert aws.account("444455556666").id == "444455556666"
    assert aws.account(ACCOUNT).id == aws.id
    with local_aws(account="shop-tokyo") as other:
        assert other.id == tokyo.id
        assert who(boto3.client("sts")) == f"arn:aws:iam::{tokyo.id}:user/admin"


def test_policies_of_another_account(aws: LocalAws, tokyo: Account) -> None:
    """A policy of another account can be neither read, attached, set as boundary nor passed to a session."""
    arn = tokyo.client("iam").create_policy(PolicyName="theirs", PolicyDocument=document(EVERYTHING))[
        "Policy"
    ]["Arn"]
    iam = boto3.client("iam")
    iam.create_user(UserName="alice")
    role = new_role(aws, "Cashier", trusting(ACCOUNT))
    missing = arn.replace("theirs", "nothing")
    for call, more in (
        (iam.get_policy, {}),
        (iam.get_policy_version, {"VersionId": "v1"}),
        (iam.attach_user_policy, {"UserName": "alice"}),
        (iam.delete_policy, {}),
        (iam.list_entities_for_policy, {}),
    ):
        code, message = refused(call, PolicyArn=arn, **more)
        assert (code, message.replace(arn, missing)) == refused(call, PolicyArn=missing, **more)
        assert code in {"NoSuchEntity", "AccessDenied"}
    assert refused(iam.put_user_permissions_boundary, UserName="alice", PermissionsBoundary=arn)[0]
    session = {"RoleArn": role, "RoleSessionName": "visit", "PolicyArns": [{"arn": arn}]}
    assert refused(boto3.client("sts").assume_role, **session)[0] == "MalformedPolicyDocument"
    assert tokyo.client("iam").get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0


def test_aliases_are_unique_over_accounts(aws: LocalAws, tokyo: Account) -> None:
    """An alias that another account has is taken, until that account gives it up."""
    tokyo.client("iam").create_account_alias(AccountAlias="shop")
    iam = boto3.client("iam")
    assert refused(iam.create_account_alias, AccountAlias="shop")[0] == "EntityAlreadyExists"
    tokyo.client("iam").delete_account_alias(AccountAlias="shop")
    iam.create_account_alias(AccountAlias="shop")
    assert (iam.list_account_aliases()["AccountAliases"], aws.id) == (["shop"], ACCOUNT)


def test_whose_key(aws: LocalAws, tokyo: Account) -> None:
    """GetAccessKeyInfo tells the account of any key, also of another account's and of one that is deleted."""
    iam = tokyo.client("iam")
    iam.create_user(UserName="taro")
    key = iam.create_access_key(UserName="taro")["AccessKey"]["AccessKeyId"]
    sts = aws.client("sts")
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == tokyo.id
    iam.delete_access_key(UserName="taro", AccessKeyId=key)
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == tokyo.id


@pytest.mark.parametrize("principal", ["account", "user"])
def test_both_sides_must_allow(aws: LocalAws, tokyo: Account, principal: str) -> None:
    """The caller's policies and the role's trust policy must both allow, whoever is named by the latter."""
    alice = new_user(aws, "alice")
    arn = new_role(tokyo, "Guest", trusting(ACCOUNT if principal == "account" else alice), EVERYTHING)
    assert denial(aws, arn).endswith("because no identity-based policy allows the sts:AssumeRole action")
    iam = aws.client("iam")
    iam.put_user_policy(
        UserName="alice", PolicyName="p", PolicyDocument=document(allow("sts:AssumeRole", arn))
    )
    answer = assume(aws, arn, user="alice")
    assert who(wearing(aws, answer, "sts")) == f"arn:aws:sts::{tokyo.id}:assumed-role/Guest/visit"
    assert wearing(aws, answer, "iam").get_user(UserName="admin")["User"]["Arn"].split(":")[4] == tokyo.id
    tokyo.client("iam").update_assume_role_policy(RoleName="Guest", PolicyDocument=trusting(tokyo.id))
    assert denial(aws, arn).endswith("because no role trust policy allows the sts:AssumeRole action")
    assert tokyo.client("sts").assume_role(RoleArn=arn, RoleSessionName="own")


def test_a_boundary_limits_across_accounts(aws: LocalAws, tokyo: Account) -> None:
    """Even where the trust policy names the user, its boundary and session policies must allow too."""
    alice = new_user(aws, "alice", EVERYTHING)
    arn = new_role(tokyo, "Guest", trusting(alice))
    boundary = aws.client("iam").create_policy(PolicyName="b", PolicyDocument=document(allow("iam:*")))
    aws.client("iam").put_user_permissions_boundary(
        UserName="alice", PermissionsBoundary=boundary["Policy"]["Arn"]
    )
    assert denial(aws, arn).endswith("because no permissions boundary allows the sts:AssumeRole action")


def test_condition_keys_of_both_sides(aws: LocalAws, tokyo: Account) -> None:
    """Trust sees the caller's account, the external id and the tags; identity policies the role's account."""
    conditions = {
        "StringEquals": {
            "aws:PrincipalAccount": ACCOUNT,
            "sts:ExternalId": "42",
            "aws:RequestTag/post": "cook",
        }
    }
    arn = new_role(tokyo, "Guest", trusting("*", ALL_STS, **conditions))
    new_user(aws, "alice", allow("sts:*", StringEquals={"aws:ResourceAccount": tokyo.id}))
    tags = {"Tags": [{"Key": "post", "Value": "cook"}]}
    assert assume(aws, arn, user="alice", ExternalId="42", **tags)
    for wrong in (
        {},
        {"ExternalId": "43"},
        {"ExternalId": "42", "Tags": [{"Key": "post", "Value": "guard"}]},
    ):
        assert "because no role trust policy allows" in denial(aws, arn, **{**tags, **wrong})
    third = aws.account("third")
    new_user(third, "alice", EVERYTHING)
    assert "because no role trust policy allows" in denial(third, arn, ExternalId="42", **tags)


def test_tags_need_both_sides_too(aws: LocalAws, tokyo: Account) -> None:
    """Passing tags or a source identity is a permission of its own, on both sides."""
    arn = new_role(tokyo, "Guest", trusting(ACCOUNT))
    new_user(aws, "alice", allow(["sts:AssumeRole", "sts:TagSession"]))
    assert assume(aws, arn, user="alice")
    assert "sts:TagSession on resource" in denial(aws, arn, Tags=[{"Key": "a", "Value": "b"}])
    assert "no identity-based policy allows the sts:SetSourceIdentity" in denial(
        aws, arn, SourceIdentity="alice"
    )


def test_principals_become_ids_across_accounts(aws: LocalAws, tokyo: Account) -> None:
    """A trusted foreign user that is deleted and made again is not trusted; none can be invented."""
    alice = new_user(aws, "alice", EVERYTHING)
    arn = new_role(tokyo, "Guest", trusting(alice))
    shown = tokyo.client("iam").get_role(RoleName="Guest")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"] == {"AWS": alice}
    assert assume(aws, arn, user="alice")
    iam = aws.client("iam")
    iam.delete_user_policy(UserName="alice", PolicyName="p")
    iam.delete_user(UserName="alice")
    new_user(aws, "alice", EVERYTHING)
    assert "because no role trust policy allows" in denial(aws, arn)
    shown = tokyo.client("iam").get_role(RoleName="Guest")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"]["AWS"].startswith("AIDA")
    for nobody in (f"arn:aws:iam::{ACCOUNT}:user/nobody", "arn:aws:iam::999999999999:role/x"):
        call = tokyo.client("iam").update_assume_role_policy
        code, message = refused(call, RoleName="Guest", PolicyDocument=trusting(nobody))
        assert (code, nobody in message) == ("MalformedPolicyDocument", True)


def test_a_foreign_role_tells_nothing(aws: LocalAws, tokyo: Account) -> None:
    """A role that is not there, one that denies and one without trust read alike, but for the test."""
    new_user(aws, "alice", EVERYTHING)
    deny = {"Effect": "Deny", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole", "Sid": "Never"}
    tags = [{"Key": "secret", "Value": "yes"}]
    denying = new_role(tokyo, "Denying", document(deny), Tags=tags)
    others = new_role(tokyo, "Others", trusting(tokyo.id))
    missing = f"arn:aws:iam::{tokyo.id}:role/Missing"
    nowhere = "arn:aws:iam::123456789012:role/Missing"
    said = {denial(aws, arn).replace(arn, "ROLE") for arn in (denying, others, missing, nowhere)}
    assert len(said) == 1
    error = failure(aws.client("sts", user="alice").assume_role, RoleArn=denying, RoleSessionName="visit")
    encoded = error.response["ResponseMetadata"]["HTTPHeaders"]["x-masugata-authorization-message"]
    decoded = aws.client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    assert "Never" not in decoded
    assert "secret" not in decoded
    assert "statement Never" in aws.explain(error).reason
    for event in aws.events("AssumeRole"):
        assert "Never" not in event["errorMessage"]
    assert tokyo.events("AssumeRole") == []


def test_both_accounts_record_it(aws: LocalAws, tokyo: Account) -> None:
    """AssumeRole is an event in both accounts, with a shared id; the owner learns the caller's ids alone."""
    new_user(aws, "alice", EVERYTHING)
    arn = new_role(tokyo, "Guest", trusting(ACCOUNT), EVERYTHING)
    assume(aws, arn, user="alice")
    (ours,), (theirs,) = aws.events("AssumeRole"), tokyo.events("AssumeRole")
    assert ours["sharedEventID"] == theirs["sharedEventID"]
    assert ours["eventID"] != theirs["eventID"]
    assert ours["requestID"] == theirs["requestID"]
    assert (ours["recipientAccountId"], theirs["recipientAccountId"]) == (aws.id, tokyo.id)
    unique_id = aws.client("iam").get_user(UserName="alice")["User"]["UserId"]
    assert ours["userIdentity"]["userName"] == "alice"
    assert theirs["userIdentity"] == {"type": "AWSAccount", "principalId": unique_id, "accountId": aws.id}
    assert theirs["resources"][0] == {"accountId": tokyo.id, "type": "AWS::IAM::Role", "ARN": arn}
    assert theirs["responseElements"]["assumedRoleUser"]["arn"].endswith(":assumed-role/Guest/visit")
    by_key = [{"AttributeKey": "AccessKeyId", "AttributeValue": ours["userIdentity"]["accessKeyId"]}]
    found = tokyo.client("cloudtrail").lookup_events(LookupAttributes=by_key)["Events"]
    assert [event for event in found if event["EventName"] == "AssumeRole"] == []
    within = new_role(aws, "Own", trusting(ACCOUNT))
    assume(aws, within, user="alice")
    assert "sharedEventID" not in aws.events("AssumeRole")[-1]
    assert len(tokyo.events("AssumeRole")) == 1


def test_a_chain_over_three_accounts(aws: LocalAws, tokyo: Account) -> None:
    """A session in one account can go on to the next that trusts its role, and no further."""
    osaka = aws.account("shop-osaka")
    first = new_role(tokyo, "First", trusting(ACCOUNT), allow("sts:AssumeRole"))
    second = new_role(osaka, "Second", trusting(first), EVERYTHING)
    new_user(aws, "alice", EVERYTHING)
    assert "because no role trust policy" in denial(aws, second)
    answer = assume(aws, first, user="alice")
    chained = wearing(aws, answer, "sts").assume_role(RoleArn=second, RoleSessionName="deeper")
    assert who(wearing(aws, chained, "sts")) == f"arn:aws:sts::{osaka.id}:assumed-role/Second/deeper"
    assert osaka.events("AssumeRole")[0]["userIdentity"]["principalId"].endswith(":visit")


def test_root_assumes_nothing_abroad(aws: LocalAws, tokyo: Account) -> None:
    """The root user of another account cannot assume a role, even one that trusts it."""
    arn = new_role(tokyo, "Guest", trusting(ACCOUNT), EVERYTHING)
    code, _ = refused(aws.client("sts", root=True).assume_role, RoleArn=arn, RoleSessionName="visit")
    assert code == "AccessDenied"


def test_acting_as_a_role_of_another_account(aws: LocalAws, tokyo: Account) -> None:
    """A role's ARN leads to its own account, from whichever account it is asked for."""
    arn = new_role(tokyo, "Guest", trusting(tokyo.id), EVERYTHING)
    assert who(aws.client("sts", role=arn)) == f"arn:aws:sts::{tokyo.id}:assumed-role/Guest/local-aws"


def test_accounts_of_an_organization(aws: LocalAws) -> None:
    """An account that CreateAccount made has no `admin`, so its access role acts in the place of one."""
    organizations = boto3.client("organizations")
    organizations.create_organization()
    tags = [{"Key": "masugata:account-id", "Value": "444455556666"}]
    organizations.create_account(Email="shop@example.com", AccountName="Shop", Tags=tags)
    shop = aws.account("444455556666")
    assert aws.account("Shop").id == shop.id
    assert who(shop.client("sts", root=True)) == "arn:aws:iam::444455556666:root"
    session = "arn:aws:sts::444455556666:assumed-role/OrganizationAccountAccessRole/"
    for role in (None, "OrganizationAccountAccessRole"):
        assert who(shop.client("sts", role=role)).startswith(session)
    assert organizations.describe_account(AccountId=shop.id)["Account"]["Name"] == "Shop"


def test_due_work_is_done_before_a_call_and_when_the_clock_moves(aws: LocalAws) -> None:
    """What takes time is done by the next call, or by a move of the clock, without any thread."""
    boto3.client("organizations").create_organization()
    boto3.client("organizations").create_account(Email="shop@example.com", AccountName="Shop")
    assert aws.events("CreateAccountResult") == []
    aws.clock.advance(seconds=1)
    assert len(aws.events("CreateAccountResult")) == 1


def test_limits() -> None:
    """Quotas can be other than AWS's; what is no quota is refused."""
    with local_aws(limits={"organizations.accounts": 1}):
        organizations = boto3.client("organizations")
        organizations.create_organization()
        code, _ = refused(organizations.create_account, Email="shop@example.com", AccountName="Shop")
        assert code == "ConstraintViolationException"
    with (
        pytest.raises(SettingsError, match=r"`organizations\.shops` in limits is not a limit"),
        local_aws(limits={"organizations.shops": 1}),
    ):
        pass
