"""What tests of the accounts of an organization do all the time."""

from collections.abc import Callable
from typing import Any

import boto3
import msgspec
from botocore.exceptions import ClientError

from masugata.records.organizations import ORGANIZATION, organization_of
from masugata.store import Transaction
from masugata.testing import LocalAws

MEMBER, INVITED = "444455556666", "777788889999"
ID_TAG = "masugata:account-id"
ACCESS_ROLE = f"arn:aws:iam::{MEMBER}:role/OrganizationAccountAccessRole"


def ask(email: str = "shop@example.com", account_id: str | None = MEMBER, **more: Any) -> dict[str, Any]:
    """Ask for an account; what CreateAccount answers."""
    if account_id is not None:
        more["Tags"] = [*more.get("Tags", ()), {"Key": ID_TAG, "Value": account_id}]
    asked = {"Email": email, "AccountName": "Shop", **more}
    answer = boto3.client("organizations").create_account(**asked)
    status: dict[str, Any] = answer["CreateAccountStatus"]
    return status


def outcome(asked: dict[str, Any]) -> dict[str, Any]:
    """What became of it."""
    client = boto3.client("organizations")
    answer = client.describe_create_account_status(CreateAccountRequestId=asked["Id"])
    status: dict[str, Any] = answer["CreateAccountStatus"]
    return status


def made(email: str = "shop@example.com", account_id: str | None = MEMBER, **more: Any) -> str:
    """A new account's id."""
    status = outcome(ask(email, account_id, **more))
    assert status["State"] == "SUCCEEDED", status
    return str(status["AccountId"])


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """The code and the reason with which a call is refused."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], str(error.response.get("Reason", ""))
    raise AssertionError("the call was not refused")


def members() -> list[str]:
    """The ids of the organization's accounts."""
    return [account["Id"] for account in boto3.client("organizations").list_accounts()["Accounts"]]


def client_of(credentials: dict[str, Any], service: str) -> Any:
    """A client with temporary credentials."""
    session = boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
    )
    return session.client(service)


def wearing(role: str = ACCESS_ROLE, service: str = "iam") -> Any:
    """A client of a session that the management account's administrator gets of a role."""
    answer = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="visit")
    return client_of(answer["Credentials"], service)


def change_organization(aws: LocalAws, **fields: Any) -> None:
    """Change the record of the organization."""

    def change(transaction: Transaction) -> None:
        organization = organization_of(transaction, aws.id)
        assert organization is not None
        transaction.put(ORGANIZATION, aws.id, msgspec.structs.replace(organization, **fields))

    aws._installation.store.submit(change).result()


def service_events(aws: LocalAws, name: str) -> list[dict[str, Any]]:
    """The details of the events of this name that Organizations itself recorded."""
    events = aws.events(name)
    assert all(event["eventType"] == "AwsServiceEvent" for event in events)
    assert all(event["recipientAccountId"] == aws.id for event in events)
    return [event["serviceEventDetails"] for event in events]
