"""A company of two accounts and a management account, for tests of what the organization holds."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from msgspec.structs import replace

from masugata.limits import LIMITS
from masugata.records.account import ACCOUNT
from masugata.records.organizations import ORGANIZATION, Organization, organization_of
from masugata.store import Transaction
from masugata.testing.aws import LocalAws
from organizations import join

MANAGEMENT, SHOP, BAKERY = "111122223333", "444455556666", "777788889999"


class Company:
    """An organization of a `local_aws`; `client` is its management account's, of Organizations."""

    def __init__(self, aws: LocalAws, features: str = "ALL", members: Iterable[str] = (SHOP, BAKERY)) -> None:
        self.aws = aws
        self.client: Any = boto3.client("organizations")
        # boto3 would refuse some requests before they are sent
        self.unchecked: Any = boto3.client("organizations", config=Config(parameter_validation=False))
        self.id: str = self.client.create_organization(FeatureSet=features)["Organization"]["Id"]
        self.root: str = self.client.list_roots()["Roots"][0]["Id"]
        join(aws, *members)

    def of(self, account: str, **who: Any) -> Any:
        """A client of another account's administrator, or of somebody else there."""
        return self.aws.account(account).client("organizations", **who)

    def unit(self, name: str, parent: str = "") -> str:
        """Make an organizational unit; its id."""
        made = self.client.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return str(made["OrganizationalUnit"]["Id"])

    def trust(self, *services: str) -> None:
        """Let services act in the organization."""
        for service in services:
            self.client.enable_aws_service_access(ServicePrincipal=service)

    def delegate(self, service: str, account: str) -> None:
        """Let an account administer a service, which is trusted with it."""
        self.trust(service)
        self.client.register_delegated_administrator(AccountId=account, ServicePrincipal=service)

    def limit(self, limits: Mapping[str, int]) -> None:
        """Give limits other values; they are called as in `masugata.limits` but without the service."""
        changed = {f"organizations.{name}": value for name, value in limits.items()}
        assert set(changed) <= set(LIMITS)
        self.aws._installation.gateway.limits = {**LIMITS, **changed}

    def edit(self, **fields: Any) -> None:
        """Give fields of the organization's record other values."""

        def put(transaction: Transaction) -> None:
            changed = replace(self.organization(transaction), **fields)
            transaction.put(ORGANIZATION, MANAGEMENT, changed)

        self.change(put)

    def organization(self, transaction: Transaction) -> Organization:
        """The record of the organization."""
        organization = organization_of(transaction, MANAGEMENT)
        assert organization is not None
        return organization

    def set_state(self, account: str, state: str) -> None:
        """Give an account another state, as if it had been closed."""

        def put(transaction: Transaction) -> None:
            record = transaction.get(ACCOUNT, account, account)
            assert record is not None
            transaction.put(ACCOUNT, account, replace(record, state=state))

        self.change(put)

    def change(self, job: Callable[[Transaction], None]) -> None:
        """Change the store's records as no operation would."""
        self.aws._installation.store.submit(job).result()

    def fails(self, operation: str, **request: Any) -> tuple[str, str | None]:
        """Code and reason of a call of the management account that must fail."""
        return failure(lambda: getattr(self.unchecked, operation)(**request))


def failure(call: Callable[..., Any], **request: Any) -> tuple[str, str | None]:
    """Code and reason of a call that must fail."""
    try:
        call(**request)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response.get("Reason")
    raise AssertionError("the call did not fail")


def invalid(reason: str) -> tuple[str, str]:
    """Code and reason of an input that is not valid."""
    return "InvalidInputException", reason


def violated(reason: str) -> tuple[str, str]:
    """Code and reason of a broken constraint."""
    return "ConstraintViolationException", reason


DENIED = ("AccessDeniedException", None)
