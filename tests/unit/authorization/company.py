"""An organization of real calls: units below each other, members in the deepest, and policies to attach."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from masugata.testing import LocalAws, local_aws
from organizations import join
from policies import document

MEMBER, OTHER, OUTSIDE = "444455556666", "777788889999", "999900001111"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
FULL = "p-FullAWSAccess"


class Company:
    """The first account manages it; `MEMBER` is in a unit of a unit, `OTHER` in the root."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.organizations = aws.client("organizations")
        self.id = self.organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.root = self.organizations.list_roots()["Roots"][0]["Id"]
        for kind in (SCP, RCP):
            enabled = self.organizations.list_roots()["Roots"][0]["PolicyTypes"]
            if kind not in {found["Type"] for found in enabled}:
                self.organizations.enable_policy_type(RootId=self.root, PolicyType=kind)
        self.unit = self.make_unit(self.root, "shops")
        self.inner = self.make_unit(self.unit, "tokyo")
        join(aws, MEMBER, OTHER)
        self.move(MEMBER, self.root, self.inner)

    def make_unit(self, parent: str, name: str) -> str:
        """The id of a new organizational unit."""
        made = self.organizations.create_organizational_unit(ParentId=parent, Name=name)
        return str(made["OrganizationalUnit"]["Id"])

    def move(self, account: str, old: str, new: str) -> None:
        """Move an account."""
        self.organizations.move_account(AccountId=account, SourceParentId=old, DestinationParentId=new)

    def attach(self, target: str, *statements: dict[str, Any], kind: str = SCP) -> tuple[str, str]:
        """Id and ARN of a new policy on a target."""
        number = len(self.organizations.list_policies(Filter=kind)["Policies"])
        made = self.organizations.create_policy(
            Content=document(*statements), Description="", Name=f"policy-{number}", Type=kind
        )["Policy"]["PolicySummary"]
        self.organizations.attach_policy(PolicyId=made["Id"], TargetId=target)
        return made["Id"], made["Arn"]

    def detach(self, target: str, policy_id: str) -> None:
        """Take a policy off a target."""
        self.organizations.detach_policy(PolicyId=policy_id, TargetId=target)

    def allow_only(self, target: str, *statements: dict[str, Any]) -> None:
        """An allow-list on a target, in the place of FullAWSAccess."""
        self.attach(target, *statements)
        self.detach(target, FULL)

    def trust_service(self, principal: str) -> None:
        """Trusted access of a service."""
        self.organizations.enable_aws_service_access(ServicePrincipal=principal)


@contextmanager
def company() -> Iterator[Company]:
    """A company, and its `local_aws`."""
    with local_aws() as aws:
        yield Company(aws)


def refused(call: Any, **arguments: Any) -> str:
    """The message with which a call is denied."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert error["Code"] in {"AccessDenied", "AccessDeniedException"}, error
    return str(error["Message"])
