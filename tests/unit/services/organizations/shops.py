"""An organization of shops, for tests of what is attached where in it."""

from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import ClientError
from msgspec.structs import replace

from masugata.records.organizations import (
    MEMBER,
    ORGANIZATION,
    ORGANIZATIONAL_UNIT,
    Organization,
    OrganizationalUnit,
    organization_of,
)
from masugata.store import Transaction
from masugata.testing.aws import LocalAws
from organizations import join

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
FULL, RCP_FULL = "p-FullAWSAccess", "p-RCPFullAWSAccess"
MANAGEMENT, SHOP, BAKERY = "111122223333", "444455556666", "777788889999"
UNIT = "ou-shop-12345678"


class Shops:
    """An organization of a `local_aws` with a unit of shops, in which the account `SHOP` is.

    `client` is the management account's of Organizations.
    """

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.client: Any = boto3.client("organizations")
        self.client.create_organization()
        self.root: str = self.client.list_roots()["Roots"][0]["Id"]
        join(aws, SHOP, BAKERY)
        self.change(self._shops)

    def change(self, job: Callable[[Transaction], None]) -> None:
        """Change the store's records as no operation would."""
        self.aws._installation.store.submit(job).result()

    def organization(self, transaction: Transaction) -> Organization:
        """The record of the organization."""
        organization = organization_of(transaction, MANAGEMENT)
        assert organization is not None
        return organization

    def edit(self, **fields: Any) -> None:
        """Give fields of the organization's record other values."""

        def put(transaction: Transaction) -> None:
            changed = replace(self.organization(transaction), **fields)
            transaction.put(ORGANIZATION, MANAGEMENT, changed)

        self.change(put)

    def join(self, account: str) -> None:
        """Put an account into the root."""
        join(self.aws, account)

    def enable(self, *types: str) -> None:
        """Enable types of policies in the root."""
        for policy_type in types:
            self.client.enable_policy_type(RootId=self.root, PolicyType=policy_type)

    def policy(self, content: str, policy_type: str = SCP, name: str = "rule") -> str:
        """Make a policy; the answer is its id."""
        made = self.client.create_policy(Name=name, Description="", Type=policy_type, Content=content)
        return str(made["Policy"]["PolicySummary"]["Id"])

    def attach(self, policy: str, target: str) -> None:
        """Attach a policy."""
        self.client.attach_policy(PolicyId=policy, TargetId=target)

    def detach(self, policy: str, target: str) -> None:
        """Detach a policy."""
        self.client.detach_policy(PolicyId=policy, TargetId=target)

    def attached(self, target: str, policy_type: str = SCP) -> list[str]:
        """The ids of what is attached to a target itself."""
        answer = self.client.list_policies_for_target(TargetId=target, Filter=policy_type)
        return [policy["Id"] for policy in answer["Policies"]]

    def targets(self, policy: str) -> list[tuple[str, str, str]]:
        """Id, name and type of all that a policy is attached to."""
        pages = self.client.get_paginator("list_targets_for_policy").paginate(PolicyId=policy)
        found = [target for page in pages for target in page["Targets"]]
        return [(target["TargetId"], target["Name"], target["Type"]) for target in found]

    def fails(self, operation: str, **request: Any) -> tuple[str, str | None]:
        """Code and reason of a call that must fail."""
        return failure(lambda: getattr(self.client, operation)(**request))

    def _shops(self, transaction: Transaction) -> None:
        organization = self.organization(transaction)
        unit = OrganizationalUnit(id=UNIT, name="shops", parent=organization.root_id)
        transaction.put(ORGANIZATIONAL_UNIT, MANAGEMENT, unit)
        shop = transaction.get(MEMBER, MANAGEMENT, SHOP)
        assert shop is not None
        transaction.put(MEMBER, MANAGEMENT, replace(shop, parent=unit.id))


def failure(call: Callable[[], Any]) -> tuple[str, str | None]:
    """Code and reason of a call that must fail."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response.get("Reason")
    raise AssertionError("the call did not fail")


def message(call: Callable[[], Any]) -> str:
    """What a call that must fail says."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Message"])
    raise AssertionError("the call did not fail")
