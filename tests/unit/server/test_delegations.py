"""What the account that asked is told of its delegation requests, and nobody else."""

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Signer
from botocore.exceptions import ClientError

from organizations import close_account, open_account
from policies import allow, document
from support import ACCOUNT
from unit.server.asking import HOST, Asker

VENDOR = "444455556666"
PATH = "/_masugata/delegation-requests/"


@pytest.fixture
def asker(tmp_path):
    """A server with two accounts, of which one has asked the other for access."""
    asker = Asker(tmp_path)
    asker.vendor = open_account(asker.house, VENDOR)
    iam = asker.house.client("iam", asker.vendor)
    template = iam.create_policy(PolicyName="Template", PolicyDocument=document(allow("iam:ListUsers")))
    asker.request = iam.create_delegation_request(
        Description="to set up the product",
        Permissions={"PolicyTemplateArn": template["Policy"]["Arn"]},
        RequestorWorkflowId="workflow-1",
        NotificationChannel="masugata:notifications",
        SessionDuration=3600,
    )["DelegationRequestId"]
    return asker


def told(asker, key, request=None):
    """The answer to a signed question."""
    path = f"{PATH}{request or asker.request}"
    signed = AWSRequest("GET", f"http://localhost:4566{path}")
    SigV4Auth(Signer(*key), "masugata", "us-east-1").add_auth(signed)
    headers = [HOST, *((n.lower().encode(), v.encode()) for n, v in signed.headers.items())]
    return asker.ask(headers, method="GET", target=path.encode())


def test_the_token_is_fetched_once_it_was_sent(asker):
    """Before, only the state is told; then the token, with which the vendor gets credentials."""
    iam, one = asker.house.client("iam"), {"DelegationRequestId": asker.request}
    for state, step in (
        ("UNASSIGNED", iam.associate_delegation_request),
        ("ASSIGNED", iam.accept_delegation_request),
        ("ACCEPTED", iam.send_delegation_token),
    ):
        answer = told(asker, asker.vendor)
        assert (answer.status, answer.json["State"], answer.json["Type"]) == (200, state, "StateChange")
        assert "ExchangeToken" not in answer.json
        step(**one)
    message = told(asker, asker.vendor).json
    assert message.keys() == {
        *("Type", "RequestId", "RequestorWorkflowId", "State", "OwnerAccountId", "UpdatedAt"),
        *("ExchangeToken", "ExpiresAt"),
    }
    assert (message["Type"], message["RequestorWorkflowId"]) == ("ExchangeToken", "workflow-1")
    sts = asker.house.client("sts", asker.vendor)
    answer = sts.get_delegated_access_token(TradeInToken=message["ExchangeToken"])
    assert answer["AssumedPrincipal"] == "arn:aws:iam::111122223333:user/admin"


def test_nobody_else_is_told(asker):
    """Another account finds nothing, and without a permission or a signature nobody is told anything."""
    assert told(asker, asker.house.admin).status == 404
    assert told(asker, asker.vendor, "00000000-0000-4000-8000-000000000000").status == 404
    path = f"{PATH}{asker.request}"
    assert asker.ask(method="GET", target=path.encode()).status == 403
    iam = asker.house.client("iam", asker.vendor)
    iam.create_user(UserName="temp")
    key = iam.create_access_key(UserName="temp")["AccessKey"]
    answer = told(asker, (key["AccessKeyId"], key["SecretAccessKey"]))
    assert (answer.status, answer.json["code"]) == (403, "AccessDenied")
    assert "masugata:GetDelegationNotification" in answer.json["message"]


def test_closed_accounts(asker):
    """An account that is closed after it approved gives no credentials; one that is closed asks nothing."""
    iam, one = asker.house.client("iam"), {"DelegationRequestId": asker.request}
    for step in (
        iam.associate_delegation_request,
        iam.accept_delegation_request,
        iam.send_delegation_token,
    ):
        step(**one)
    token = told(asker, asker.vendor).json["ExchangeToken"]
    sts = asker.house.client("sts", asker.vendor)
    got = sts.get_delegated_access_token(TradeInToken=token)["Credentials"]
    close_account(asker.house, ACCOUNT)
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.get_delegated_access_token(TradeInToken=token)
    key = got["AccessKeyId"], got["SecretAccessKey"]
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        asker.house.client("sts", key, token=got["SessionToken"]).get_caller_identity()
    close_account(asker.house, VENDOR)
    assert told(asker, asker.vendor).status == 403
