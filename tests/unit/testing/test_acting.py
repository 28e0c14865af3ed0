"""Acting as users, roles and root: judged as they would be, and invisible in IAM."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from string import ascii_letters
from typing import Any

import boto3
import pytest

from masugata.engines.policy.grammar import MalformedPolicyError
from masugata.errors import MasugataError
from masugata.testing import LocalAws, NoSuchPrincipalError, local_aws
from policies import allow, document
from unit.testing.world import ACCOUNT, EVERYTHING, failure, new_role, new_user, refused, trusting, who


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own."""
    with local_aws() as entered:
        yield entered


def test_a_user_is_judged_as_with_its_own_key(aws: LocalAws) -> None:
    """Policies see the user's name and a long-term key, and so does CloudTrail."""
    own = allow("iam:GetUser", "arn:aws:iam::*:user/${aws:username}", Null={"aws:TokenIssueTime": "true"})
    new_user(aws, "alice", own)
    alice = aws.client("iam", user="alice")
    assert alice.get_user()["User"]["UserName"] == "alice"
    assert refused(alice.get_user, UserName="admin")[0] == "AccessDenied"
    identity = aws.events("GetUser")[0]["userIdentity"]
    assert (identity["type"], identity["userName"]) == ("IAMUser", "alice")
    assert identity["accessKeyId"].startswith("AKIA")
    assert "sessionContext" not in identity


def test_its_key_is_nowhere_in_iam(aws: LocalAws) -> None:
    """It is not listed, leaves both of the user's keys free, lets the user be deleted, and dies with it."""
    new_user(aws, "alice", allow("iam:*"))
    iam, alice = boto3.client("iam"), aws.client("iam", user="alice")
    assert alice.list_access_keys()["AccessKeyMetadata"] == []
    keys = [iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"] for _ in range(2)]
    assert alice.get_user()
    for key in keys:
        iam.delete_access_key(UserName="alice", AccessKeyId=key)
    iam.delete_user_policy(UserName="alice", PolicyName="p")
    iam.delete_user(UserName="alice")
    assert refused(alice.get_user)[0] == "InvalidClientTokenId"
    iam.create_user(UserName="alice")
    assert refused(alice.get_user)[0] == "InvalidClientTokenId"
    assert refused(aws.client("iam", user="alice").get_user)[0] == "AccessDenied"


def test_root(aws: LocalAws) -> None:
    """Root is root, and its key counts for nothing either."""
    assert who(aws.client("sts", root=True)) == f"arn:aws:iam::{ACCOUNT}:root"
    summary = aws.client("iam", root=True).get_account_summary()["SummaryMap"]
    assert summary["AccountAccessKeysPresent"] == 0
    assert aws.events("GetAccountSummary")[0]["userIdentity"]["type"] == "Root"


def test_a_role(aws: LocalAws) -> None:
    """A session of a role, by ARN or by name, has the role's permissions, and what the test gives it."""
    tagged = allow("iam:ListUsers", StringEquals={"aws:PrincipalTag/post": "cashier"})
    arn = new_role(aws, "Cashier", trusting(ACCOUNT), tagged, Path="/staff/")
    assert who(aws.client("sts", role=arn)) == f"arn:aws:sts::{ACCOUNT}:assumed-role/Cashier/local-aws"
    assert refused(aws.client("iam", role=arn).list_users)[0] == "AccessDenied"
    session = aws.session(
        role="Cashier", session_name="hanako", tags={"post": "cashier"}, source_identity="hanako.s"
    )
    assert session.client("iam").list_users()["Users"]
    event = aws.events("ListUsers")[-1]
    assert event["userIdentity"]["arn"].endswith(":assumed-role/Cashier/hanako")
    assert event["userIdentity"]["sessionContext"]["sourceIdentity"] == "hanako.s"
    nothing_but = {"Version": "2012-10-17", "Statement": allow("iam:GetUser")}
    limited = aws.client("iam", role=arn, tags={"post": "cashier"}, policy=nothing_but)
    assert refused(limited.list_users)[1].endswith(
        "because no session policy allows the iam:ListUsers action"
    )


def test_a_role_session_expires(aws: LocalAws) -> None:
    """It lasts an hour by the test's clock; users and root do not expire."""
    arn = new_role(aws, "Cashier", trusting(ACCOUNT), EVERYTHING)
    new_user(aws, "alice", EVERYTHING)
    cashier, alice = aws.client("iam", role=arn), aws.client("iam", user="alice")
    aws.clock.advance(minutes=59)
    assert cashier.list_users()
    aws.clock.advance(minutes=2)
    assert refused(cashier.list_users)[0] == "ExpiredToken"
    assert aws.client("iam", role=arn).list_users()
    aws.clock.advance(days=4000)
    assert alice.list_users()


def test_time_in_policies(aws: LocalAws) -> None:
    """Conditions on the time see the test's clock, however far it is from the one that signs."""
    new_user(aws, "alice", allow("iam:ListUsers", DateLessThan={"aws:CurrentTime": "1999-12-31T00:00:00Z"}))
    alice = aws.client("iam", user="alice")
    assert refused(alice.list_users)[0] == "AccessDenied"
    aws.clock.freeze(datetime(1999, 12, 1, tzinfo=UTC))
    assert alice.list_users()
    aws.clock.advance(days=30)
    assert refused(alice.list_users)[0] == "AccessDenied"
    assert aws.events("ListUsers")[-1]["eventTime"] == "1999-12-31T00:00:00Z"
    aws.clock.freeze(datetime(9999, 1, 1, tzinfo=UTC))
    assert refused(alice.list_users)[0] == "AccessDenied"


def test_source_ip(aws: LocalAws) -> None:
    """Conditions on the address see where the test says it calls from."""
    new_user(aws, "alice", allow("iam:ListUsers", IpAddress={"aws:SourceIp": "203.0.113.0/24"}))
    alice = aws.client("iam", user="alice")
    assert refused(alice.list_users)[0] == "AccessDenied"
    aws.source_ip = "203.0.113.7"
    assert alice.list_users()
    with pytest.raises(ValueError, match="shop"):
        aws.source_ip = "the shop"
    assert aws.source_ip == "203.0.113.7"


def test_explain(aws: LocalAws) -> None:
    """A denial is explained statement by statement, with the policies as they were; other errors are not."""
    new_user(
        aws, "alice", allow("iam:GetUser"), {"Sid": "NoAdmins"} | allow("iam:*", "arn:aws:iam::*:user/admin")
    )
    error = failure(aws.client("iam", user="alice").list_users)
    boto3.client("iam").delete_user_policy(UserName="alice", PolicyName="p")
    denial = aws.explain(error)
    assert (denial.action, denial.resource) == ("iam:ListUsers", f"arn:aws:iam::{ACCOUNT}:user/")
    assert denial.reason == "because no identity-based policy allows the iam:ListUsers action"
    assert "· Allow NoAdmins: does not match: another Resource" in str(denial)
    assert str(denial).startswith(f"arn:aws:iam::{ACCOUNT}:user/alice\n  iam:ListUsers on ")
    for other in (failure(boto3.client("iam").get_user, UserName="nobody"), ZeroDivisionError()):
        with pytest.raises(MasugataError, match="no policy of this local_aws denied"):
            aws.explain(other)


def test_explain_whatever_its_length(aws: LocalAws) -> None:
    """A denial is explained even if its message would be too long for DecodeAuthorizationMessage."""
    random = Random(7)  # what does not deflate, the same each time
    texts = ["".join(random.choices(ascii_letters, k=128)) for _ in range(150)]
    new_user(aws, "alice")
    tags = [{"Key": texts[n], "Value": texts[n + 50] + texts[n + 100]} for n in range(50)]
    boto3.client("iam").tag_user(UserName="alice", Tags=tags)
    denial = aws.explain(failure(aws.client("iam", user="alice").list_users))
    assert denial.action == "iam:ListUsers"


def test_what_is_not_there(aws: LocalAws) -> None:
    """Users and roles that do not exist are named; names count with their case, as in IAM."""
    new_user(aws, "alice")
    new_role(aws, "Cashier", trusting(ACCOUNT))
    for name in ("nobody", "Alice"):
        with pytest.raises(NoSuchPrincipalError, match=f"no user `{name}`"):
            aws.client("iam", user=name)
    wrong = (
        "cashier",
        f"arn:aws:iam::{ACCOUNT}:role/Cook",
        "arn:aws:iam::999999999999:role/Cashier",
        "arn:x",
    )
    for role in wrong:
        with pytest.raises(NoSuchPrincipalError, match="no role `"):
            aws.client("iam", role=role)


def test_contradictions(aws: LocalAws) -> None:
    """Nobody is two at once, and only a role session has a name, tags, a source identity and a policy."""
    arn = new_role(aws, "Cashier", trusting(ACCOUNT))
    for both in ({"user": "admin", "root": True}, {"user": "admin", "role": arn}):
        with pytest.raises(ValueError, match="not as several"):
            aws.client("iam", **both)
    for only in ({"session_name": "x1"}, {"tags": {"a": "b"}}, {"policy": document()}):
        with pytest.raises(ValueError, match="those of a role's session"):
            aws.session(user="admin", **only)
    for bad in ({"session_name": "a b"}, {"source_identity": "x"}, {"source_identity": ""}):
        with pytest.raises(ValueError, match="2 to 64"):
            aws.client("iam", role=arn, **bad)
    with pytest.raises(ValueError, match="2048 characters"):
        aws.client("iam", role=arn, policy=document(EVERYTHING).ljust(2049))


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"post": 1}, "texts"),
        ({"": "cashier"}, "greater than or equal to 1"),
        ({"post": "x" * 257}, "less than or equal to 256"),
        ({str(n): "x" for n in range(51)}, "less than or equal to 50"),
        ({"Post": "cashier", "post": "cook"}, "Duplicate tag keys"),
        ({"aws:post": "cashier"}, "reserved"),
    ],
)
def test_tags_that_no_session_has(aws: LocalAws, tags: Any, why: str) -> None:
    """Session tags that AssumeRole would refuse are refused, or a test would pass with what cannot be."""
    arn = new_role(aws, "Cashier", trusting(ACCOUNT))
    with pytest.raises(ValueError, match=why):
        aws.client("iam", role=arn, tags=tags)
    with pytest.raises(MalformedPolicyError):
        aws.client("iam", role=arn, policy="{}")


def test_reset(aws: LocalAws) -> None:
    """Everything is gone but the accounts; `admin` goes on with its clients, everybody else ends."""
    tokyo = aws.account("shop-tokyo")
    new_user(aws, "alice")
    new_user(tokyo, "taro")
    plain, theirs, alice = boto3.client("iam"), tokyo.client("iam"), aws.client("sts", user="alice")
    aws.clock.freeze()
    aws.reset()
    assert [user["UserName"] for user in plain.list_users()["Users"]] == ["admin"]
    assert [user["UserName"] for user in theirs.list_users()["Users"]] == ["admin"]
    assert refused(alice.get_caller_identity)[0] == "InvalidClientTokenId"
    assert [event["eventName"] for event in aws.events()] == ["ListUsers"]
    assert aws.clock() < aws.clock()
