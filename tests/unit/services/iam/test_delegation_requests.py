"""Delegation requests: from asking to acting, who may do what on the way, and where it ends."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError

from masugata.identity.trade_in_tokens import seal_trade_in_token
from organizations import open_account
from policies import allow, deny, document
from support import ACCOUNT, House
from unit.gateway.people import session, user

VENDOR = "444455556666"
CHANNEL = "masugata:notifications"
THEIRS = f"arn:aws:iam::{ACCOUNT}:policy/Theirs"


class Delegation:
    """A vendor's account, which asks, and the house's own, which is asked."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.vendor_key = open_account(house, VENDOR)
        self.vendor = house.client("iam", self.vendor_key)
        self.made = 0

    def template(self, *statements: dict[str, Any]) -> str:
        """A managed policy of the vendor's."""
        self.made += 1
        made = self.vendor.create_policy(
            PolicyName=f"Template{self.made}", PolicyDocument=document(*statements)
        )
        return str(made["Policy"]["Arn"])

    def ask(self, *statements: dict[str, Any], parameters: Any = (), **members: Any) -> str:
        """A new request's id."""
        permissions = {"PolicyTemplateArn": self.template(*statements), "Parameters": list(parameters)}
        values = {
            "Description": "to set up the product",
            "Permissions": permissions,
            "RequestorWorkflowId": f"workflow-{self.made}",
            "NotificationChannel": CHANNEL,
            "SessionDuration": 3600,
            **members,
        }
        return str(self.vendor.create_delegation_request(**values)["DelegationRequestId"])

    def finalized(self, *statements: dict[str, Any], by: Any = None, **members: Any) -> str:
        """A request that was taken on, accepted and sent."""
        iam = by or self.house.client("iam")
        request = self.ask(*statements, **members)
        iam.associate_delegation_request(DelegationRequestId=request)
        iam.accept_delegation_request(DelegationRequestId=request)
        iam.send_delegation_token(DelegationRequestId=request)
        return request

    def exchange(self, request: str, account: str = VENDOR) -> dict[str, Any]:
        """The credentials that the vendor gets for a request's token."""
        token = seal_trade_in_token(request, account, self.house.keeper)
        answer = self.house.client("sts", self.vendor_key).get_delegated_access_token(TradeInToken=token)
        return dict(answer)

    def state(self, request: str) -> str:
        """The state that the asked account sees."""
        found = self.house.client("iam").get_delegation_request(DelegationRequestId=request)
        return str(found["DelegationRequest"]["State"])


@pytest.fixture
def delegation(tmp_path: Path) -> Delegation:
    """Two accounts."""
    return Delegation(House(tmp_path))


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    """The code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_the_whole_way(delegation: Delegation) -> None:
    """The vendor acts as whoever accepted, within the policy, and both accounts can see it."""
    request = delegation.finalized(allow("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/admin"))
    answer = delegation.exchange(request)
    assert answer["AssumedPrincipal"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    assert answer["PackedPolicySize"] > 0
    iam = session(delegation.house, answer["Credentials"], "iam")
    assert iam.get_user()["User"]["UserName"] == "admin"
    assert refused(iam.list_users)[0] == "AccessDenied"
    assert refused(iam.create_access_key)[0] == "AccessDenied"
    (row,) = delegation.house.store.events(ACCOUNT, "us-east-1", attribute=("EventName", "GetUser"))
    assert orjson.loads(row.body)["userIdentity"]["invokedByDelegate"] == {"accountId": VENDOR}
    told = delegation.house.store.events(VENDOR, "us-east-1", attribute=("EventName", "SendDelegationToken"))
    assert len(told) == 1


def test_never_more_than_the_approver_has(delegation: Delegation) -> None:
    """A policy grants nothing that the approver lacks, and loses what the approver loses."""
    house = delegation.house
    own = [allow(["iam:*DelegationRequest", "iam:SendDelegationToken"]), allow("iam:ListUsers")]
    alice = house.client("iam", user(house, "alice", *own))
    request = delegation.finalized(allow(), by=alice)
    iam = session(house, delegation.exchange(request)["Credentials"], "iam")
    iam.list_users()
    assert refused(iam.list_roles)[0] == "AccessDenied"
    house.client("iam").put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=document(deny()))
    assert refused(iam.list_users)[0] == "AccessDenied"


def test_a_resource_that_names_the_approver_opens_nothing(delegation: Delegation) -> None:
    """The trust of a role in the approver does not lead out of the approved policy."""
    house = delegation.house
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"},
    }
    arn = house.client("iam").create_role(RoleName="Vault", AssumeRolePolicyDocument=document(trust))["Role"][
        "Arn"
    ]
    asked = {"RoleArn": arn, "RoleSessionName": "visit"}
    house.client("sts").assume_role(**asked)
    request = delegation.finalized(allow("iam:GetUser"))
    sts = session(house, delegation.exchange(request)["Credentials"], "sts")
    code, message = refused(sts.assume_role, **asked)
    assert code == "AccessDenied"
    assert message.endswith("because no session policy allows the sts:AssumeRole action")


def approving(house: House, **members: Any) -> tuple[str, Any]:
    """A role that may do everything, and a client of IAM in a session of it."""
    principal = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}}
    trust = document({**principal, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]})
    arn = house.client("iam").create_role(RoleName="Boss", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    house.client("iam").put_role_policy(RoleName="Boss", PolicyName="p", PolicyDocument=document(allow()))
    answer = house.client("sts").assume_role(RoleArn=arn, RoleSessionName="hanako", **members)
    return str(arn), session(house, answer["Credentials"], "iam")


def test_what_goes_along_a_chain_of_roles_goes_on(delegation: Delegation) -> None:
    """Transitive tags and the source identity of the approver's session stay in the next one."""
    house = delegation.house
    arn, boss = approving(
        house,
        Tags=[{"Key": "team", "Value": "red"}],
        TransitiveTagKeys=["team"],
        SourceIdentity="hanako",
    )
    credentials = delegation.exchange(delegation.finalized(allow(), by=boss))["Credentials"]
    sts, asked = session(house, credentials, "sts"), {"RoleArn": arn, "RoleSessionName": "next"}
    assert sts.assume_role(**asked)["SourceIdentity"] == "hanako"
    code, message = refused(sts.assume_role, **asked, Tags=[{"Key": "team", "Value": "blue"}])
    assert code == "InvalidParameterValue"
    assert "conflicts with a transitive tag key" in message


def test_revoked_sessions_do_not_come_back(delegation: Delegation) -> None:
    """The token that is traded in again after sessions were revoked gives nothing that they could do."""
    house = delegation.house
    _, boss = approving(house)
    request = delegation.finalized(allow(), by=boss)
    revoked = (house.clock() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    older = {**deny(), "Condition": {"DateLessThan": {"aws:TokenIssueTime": revoked}}}
    house.client("iam").put_role_policy(
        RoleName="Boss", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(older)
    )
    house.clock.offset = timedelta(seconds=60)
    iam = session(house, delegation.exchange(request)["Credentials"], "iam")
    assert refused(iam.list_users)[0] == "AccessDenied"


def test_access_ends_with_its_time(delegation: Delegation) -> None:
    """All credentials of one token end together, after the duration from when it was sent."""
    house = delegation.house
    request = delegation.finalized(allow("iam:ListUsers"))
    first = delegation.exchange(request)["Credentials"]
    house.clock.offset = timedelta(minutes=40)
    second = delegation.exchange(request)["Credentials"]
    assert first["Expiration"] == second["Expiration"]
    house.clock.offset = timedelta(minutes=61)
    assert refused(session(house, second, "iam").list_users)[0] == "ExpiredToken"
    assert refused(delegation.exchange, request=request)[0] == "ExpiredTradeInTokenException"


def test_a_token_is_worthless_elsewhere(delegation: Delegation) -> None:
    """Another account's token, a changed one and one before it was sent are refused."""
    house = delegation.house
    request = delegation.finalized(allow("iam:ListUsers"))
    token = seal_trade_in_token(request, VENDOR, house.keeper)
    asked = [
        house.client("sts").get_delegated_access_token,
        house.client("sts", delegation.vendor_key).get_delegated_access_token,
    ]
    assert refused(asked[0], TradeInToken=token)[0] == "AccessDenied"
    for wrong in (token[:-4] + "AAAA", "x", "é"):
        assert refused(asked[1], TradeInToken=wrong)[0] == "AccessDenied", wrong
    early = delegation.ask(allow("iam:ListUsers"))
    assert refused(delegation.exchange, request=early)[0] == "AccessDenied"
    iam = house.client("iam")
    iam.associate_delegation_request(DelegationRequestId=early)
    iam.accept_delegation_request(DelegationRequestId=early)
    assert refused(delegation.exchange, request=early)[0] == "ExpiredTradeInTokenException"


def test_an_approver_who_is_gone(delegation: Delegation) -> None:
    """The access ends with the user that it was given by, and a namesake does not revive it."""
    house, iam = delegation.house, delegation.house.client("iam")
    alice = user(house, "alice", allow())
    request = delegation.finalized(allow("iam:ListUsers"), by=house.client("iam", alice))
    delegated = session(house, delegation.exchange(request)["Credentials"], "iam")
    iam.delete_access_key(UserName="alice", AccessKeyId=alice[0])
    iam.delete_user_policy(UserName="alice", PolicyName="p")
    iam.delete_user(UserName="alice")
    user(house, "alice", allow())
    assert refused(delegated.list_users)[0] == "InvalidClientTokenId"
    assert refused(delegation.exchange, request=request)[0] == "AccessDenied"


def test_states(delegation: Delegation) -> None:
    """Each operation is possible in the states that AWS documents, and in no other."""
    iam = delegation.house.client("iam")
    request = delegation.ask(allow("iam:ListUsers"), RequestMessage="please")
    one = {"DelegationRequestId": request}
    steps: dict[str, Any] = {
        "associate": iam.associate_delegation_request,
        "update": iam.update_delegation_request,
        "accept": iam.accept_delegation_request,
        "send": iam.send_delegation_token,
        "reject": iam.reject_delegation_request,
    }

    def only(state: str, *possible: str) -> None:
        assert delegation.state(request) == state
        for name in steps.keys() - set(possible):
            code, message = refused(steps[name], **one)
            assert (code, state in message) == ("InvalidInput", True), (name, message)

    only("UNASSIGNED", "associate")
    steps["associate"](**one)
    only("ASSIGNED", "update", "accept", "reject")
    steps["update"](**one, Notes="for the boss")
    only("PENDING_APPROVAL", "update", "accept", "reject")
    steps["accept"](**one)
    only("ACCEPTED", "send", "reject")
    found = iam.get_delegation_request(**one)["DelegationRequest"]
    assert (found["Notes"], found["RequestMessage"]) == ("for the boss", "please")
    assert found["OwnerId"] == found["ApproverId"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    steps["reject"](**one, Notes="not today")
    only("REJECTED")
    rejected = iam.get_delegation_request(**one)["DelegationRequest"]
    assert rejected["RejectionReason"] == "not today"
    assert "ApproverId" not in rejected


def test_expiry(delegation: Delegation) -> None:
    """A request nobody takes on expires after a day, an assigned one after a week, and then nothing moves."""
    iam, house = delegation.house.client("iam"), delegation.house
    waiting, taken = (delegation.ask(allow("iam:ListUsers")) for _ in range(2))
    iam.associate_delegation_request(DelegationRequestId=taken)
    house.clock.offset = timedelta(days=1, seconds=1)
    assert (delegation.state(waiting), delegation.state(taken)) == ("EXPIRED", "ASSIGNED")
    assert refused(iam.associate_delegation_request, DelegationRequestId=waiting)[0] == "InvalidInput"
    house.clock.offset = timedelta(days=7, seconds=1)
    assert refused(iam.accept_delegation_request, DelegationRequestId=taken)[0] == "InvalidInput"
    house.clock.offset = timedelta(days=15)
    delegation.ask(allow("iam:ListUsers"))
    for request in (waiting, taken):
        assert refused(iam.get_delegation_request, DelegationRequestId=request)[0] == "NoSuchEntity"


def test_who_sees_a_request(delegation: Delegation) -> None:
    """One for an account is seen by it alone; one for anybody by all, until somebody takes it on."""
    third = delegation.house.client("iam", open_account(delegation.house, "777788889999"))
    iam = delegation.house.client("iam")
    meant = delegation.ask(allow("iam:ListUsers"), OwnerAccountId=ACCOUNT)
    free = delegation.ask(allow("iam:ListUsers"))
    assert refused(third.get_delegation_request, DelegationRequestId=meant)[0] == "NoSuchEntity"
    assert refused(third.associate_delegation_request, DelegationRequestId=meant)[0] == "NoSuchEntity"
    third.get_delegation_request(DelegationRequestId=free)
    assert iam.list_delegation_requests()["DelegationRequests"] == []
    for request in (meant, free):
        iam.associate_delegation_request(DelegationRequestId=request)
    assert refused(third.get_delegation_request, DelegationRequestId=free)[0] == "NoSuchEntity"
    listed = [found["DelegationRequestId"] for found in iam.list_delegation_requests()["DelegationRequests"]]
    assert listed == sorted([meant, free])
    first = iam.list_delegation_requests(MaxItems=1)
    assert first["isTruncated"]
    rest = iam.list_delegation_requests(Marker=first["Marker"], OwnerId=f"arn:aws:iam::{ACCOUNT}:user/admin")
    assert [found["DelegationRequestId"] for found in rest["DelegationRequests"]] == listed[1:]
    assert (
        refused(delegation.vendor.associate_delegation_request, DelegationRequestId=delegation.ask(allow()))[
            0
        ]
        == "InvalidInput"
    )


def test_the_owner_needs_no_policy_but_to_accept(delegation: Delegation) -> None:
    """Whoever took a request on may see, pass on and reject it; another user of the account may not."""
    house = delegation.house
    iam = house.client("iam")
    alice = house.client("iam", user(house, "alice", allow("iam:AssociateDelegationRequest")))
    bob = house.client("iam", user(house, "bob"))
    one = {"DelegationRequestId": delegation.ask(allow("iam:ListUsers"), OnlySendByOwner=True)}
    alice.associate_delegation_request(**one)
    assert refused(bob.get_delegation_request, **one)[0] == "AccessDenied"
    alice.get_delegation_request(**one)
    alice.get_human_readable_summary(
        EntityArn=f"arn:aws:iam::{ACCOUNT}:delegation-request/{one['DelegationRequestId']}"
    )
    alice.update_delegation_request(**one)
    assert refused(alice.accept_delegation_request, **one)[0] == "AccessDenied"
    iam.accept_delegation_request(**one)
    assert "owner only" in refused(iam.send_delegation_token, **one)[1]
    alice.send_delegation_token(**one)
    iam.put_user_policy(
        UserName="alice", PolicyName="p", PolicyDocument=document(deny("iam:GetDelegationRequest"))
    )
    assert refused(alice.get_delegation_request, **one)[0] == "AccessDenied"


def test_who_cannot_accept(delegation: Delegation) -> None:
    """Neither root nor a session with policies of its own, which would not go along."""
    house, iam = delegation.house, delegation.house.client("iam")
    one = {"DelegationRequestId": delegation.ask(allow("iam:ListUsers"))}
    iam.associate_delegation_request(**one)
    assert refused(house.root("iam").accept_delegation_request, **one)[0] == "AccessDenied"
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName="Boss", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="Boss", PolicyName="p", PolicyDocument=document(allow()))
    sts = house.client("sts")
    limited = sts.assume_role(RoleArn=arn, RoleSessionName="x1", Policy=document(allow()))["Credentials"]
    assert refused(session(house, limited, "iam").accept_delegation_request, **one)[0] == "AccessDenied"
    whole = sts.assume_role(RoleArn=arn, RoleSessionName="x2")["Credentials"]
    session(house, whole, "iam").accept_delegation_request(**one)
    iam.send_delegation_token(**one)
    answer = delegation.exchange(one["DelegationRequestId"])
    assert answer["AssumedPrincipal"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Boss/x2"
    delegated = session(house, answer["Credentials"], "iam")
    delegated.list_users()
    assert refused(delegated.list_roles)[0] == "AccessDenied"


def test_parameters(delegation: Delegation) -> None:
    """Values go into texts of the policy and never become structure of it."""
    iam = delegation.house.client("iam")
    prefix = f"arn:aws:iam::{ACCOUNT}:user/"
    request = delegation.ask(
        allow(
            "iam:GetUser",
            ["arn:aws:iam::111122223333:user/@{Users}", "arn:aws:iam::111122223333:user/@{Other}"],
        ),
        parameters=[
            {"Name": "Users", "Type": "stringList", "Values": ["a", "b"]},
            {"Name": "Other", "Type": "string", "Values": ['c","Action":"*']},
        ],
    )
    policy = iam.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]["PermissionPolicy"]
    (statement,) = orjson.loads(policy)["Statement"]
    assert statement["Action"] == "iam:GetUser"
    assert statement["Resource"] == [f"{prefix}a", f"{prefix}b", f'{prefix}c","Action":"*']


@pytest.mark.parametrize(
    ("members", "code", "text"),
    [
        ({"parameters": [{"Name": "Other", "Values": ["x"]}]}, "InvalidInput", "no parameter Other"),
        ({"parameters": [{"Name": "Other", "Values": ["x", "y"]}]}, "InvalidInput", "one value"),
        ({"NotificationChannel": "arn:aws:sns:us-east-1:444455556666:topic"}, "NotImplemented", CHANNEL),
        ({"NotificationChannel": "mail"}, "InvalidInput", CHANNEL),
        ({"OwnerAccountId": "999999999999"}, "InvalidInput", "does not exist"),
        ({"Permissions": {"PolicyTemplateArn": THEIRS}}, "NoSuchEntity", "template"),
        ({"SessionDuration": 299}, "ValidationError", "sessionDuration"),
        ({"SessionDuration": 43_201}, "ValidationError", "sessionDuration"),
    ],
)  # fmt: skip
def test_bad_requests(delegation: Delegation, members: dict[str, Any], code: str, text: str) -> None:
    """What cannot mean anything is refused when it is asked, not when it is granted."""
    with pytest.raises(ClientError) as caught:
        delegation.ask(allow("iam:GetUser"), **members)
    found = caught.value.response["Error"]
    assert found["Code"] == code
    assert text in found["Message"]


def test_a_workflow_is_asked_for_once(delegation: Delegation) -> None:
    """The same workflow id names one request."""
    delegation.ask(allow("iam:GetUser"), RequestorWorkflowId="same-workflow")
    code, _ = refused(lambda: delegation.ask(allow("iam:GetUser"), RequestorWorkflowId="same-workflow"))
    assert code == "EntityAlreadyExists"


@pytest.mark.parametrize(
    ("statement", "result"),
    [
        (allow("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/a"), "ALLOWED"),
        (allow("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/a"), "DENIED"),
        (allow("iam:GetUser"), "UNSURE"),
        (allow("iam:*", f"arn:aws:iam::{ACCOUNT}:user/a"), "UNSURE"),
        (
            allow("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/a", Bool={"aws:SecureTransport": "true"}),
            "UNSURE",
        ),
    ],
)
def test_permission_check(delegation: Delegation, statement: dict[str, Any], result: str) -> None:
    """Whether the caller has what is asked for, where that can be told."""
    request = delegation.ask(statement)
    own = allow(["iam:GetUser", "iam:GetDelegationRequest"])
    alice = delegation.house.client("iam", user(delegation.house, "alice", own))
    answer = alice.get_delegation_request(DelegationRequestId=request, DelegationPermissionCheck=True)
    assert (answer["PermissionCheckStatus"], answer["PermissionCheckResult"]) == ("COMPLETE", result)


def test_summary_and_boundaries(delegation: Delegation) -> None:
    """The summary follows from the policy; boundaries that it asks of new roles are listed."""
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    request = delegation.ask(
        allow("iam:CreateRole", StringEquals={"iam:PermissionsBoundary": boundary}), deny("iam:CreateUser")
    )
    iam = delegation.house.client("iam")
    arn = f"arn:aws:iam::{ACCOUNT}:delegation-request/{request}"
    answer = iam.get_human_readable_summary(EntityArn=arn)
    assert answer["SummaryState"] == "AVAILABLE"
    assert answer["SummaryContent"].splitlines() == [
        f"Account {VENDOR} asks for access for 60 minutes: to set up the product",
        "It may use iam:CreateRole on every resource, under conditions on iam:PermissionsBoundary.",
        "It may never use iam:CreateUser on every resource.",
        "It may do nothing that the identity which accepts the request may not do.",
    ]
    assert iam.get_human_readable_summary(EntityArn=arn, Locale="ja")["SummaryState"] == "NOT_SUPPORTED"
    assert (
        refused(iam.get_human_readable_summary, EntityArn=f"arn:aws:iam::{ACCOUNT}:user/admin")[0]
        == "InvalidInput"
    )
    found = iam.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert found["RolePermissionRestrictionArns"] == [boundary]


def test_role_templates_say_why_they_are_not_built(delegation: Delegation) -> None:
    """What cannot mean anything here answers 501 with the reason."""
    iam = delegation.house.client("iam")
    for call in (iam.acquire_role, iam.get_role_template_version):
        code, message = refused(
            call, TemplateArn="arn:aws:iam::aws:role-template/lambda.amazonaws.com/Basic:1"
        )
        assert code == "NotImplemented"
        assert "role templates are AWS's own" in message
