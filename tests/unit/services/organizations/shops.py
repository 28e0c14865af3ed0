"""An organization of shops, for tests of what is attached where in it."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from msgspec.structs import replace

from masugata.records.organizations import (
    MEMBER,
    ORGANIZATIONAL_UNIT,
    OrganizationalUnit,
)
from masugata.store import Transaction
from masugata.testing.aws import LocalAws
from organizations import join
from unit.services.organizations.company import MANAGEMENT, SHOP, Company

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
FULL, RCP_FULL = "p-FullAWSAccess", "p-RCPFullAWSAccess"
UNIT = "ou-shop-12345678"


class Shops(Company):
    """An organization of a `local_aws` with a unit of shops, in which the account `SHOP` is."""

    def __init__(self, aws: LocalAws) -> None:
        super().__init__(aws)
        self.change(self._shops)

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

    def _shops(self, transaction: Transaction) -> None:
        organization = self.organization(transaction)
        unit = OrganizationalUnit(id=UNIT, name="shops", parent=organization.root_id)
        transaction.put(ORGANIZATIONAL_UNIT, MANAGEMENT, unit)
        shop = transaction.get(MEMBER, MANAGEMENT, SHOP)
        assert shop is not None
        transaction.put(MEMBER, MANAGEMENT, replace(shop, parent=unit.id))


def message(call: Callable[[], Any]) -> str:
    """What a call that must fail says."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Message"])
    raise AssertionError("the call did not fail")
