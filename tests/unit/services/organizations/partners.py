"""Organizations that have to do with each other, for tests of handshakes and transfers."""

from collections.abc import Callable, Iterable, Mapping
from os import urandom
from typing import Any

import boto3
from botocore.exceptions import ClientError

from masugata.limits import LIMITS
from masugata.records.organizations import organization_of
from masugata.services.organizations._joining import join
from masugata.store import Transaction
from masugata.testing.aws import LocalAws

MANAGEMENT, SHOP, BAKERY, STRANGER = "111122223333", "444455556666", "777788889999", "999900001111"


class Partners:
    """A `local_aws` with an organization; `client` is its management account's."""

    def __init__(self, aws: LocalAws, features: str = "ALL") -> None:
        self.aws = aws
        self.client: Any = boto3.client("organizations")
        self.organization = self.client.create_organization(FeatureSet=features)["Organization"]["Id"]

    def of(self, account: str) -> Any:
        """A client of another account's administrator."""
        return self.aws.account(account).client("organizations")

    def found(self, account: str) -> Any:
        """A client of an account that has an organization of its own."""
        client = self.of(account)
        client.create_organization()
        return client

    def invite(self, account: str, **request: Any) -> str:
        """Invite an account, made if need be; the handshake's id."""
        self.of(account)
        answer = self.client.invite_account_to_organization(
            Target={"Type": "ACCOUNT", "Id": account}, **request
        )
        return str(answer["Handshake"]["Id"])

    def join(self, *accounts: str) -> None:
        """Have accounts invited and accept."""
        for account in accounts:
            identifier = self.invite(account)
            self.of(account).accept_handshake(HandshakeId=identifier)

    def create(self, account: str) -> None:
        """Put an account into the organization as if it had been created there."""
        self.of(account)

        def put(transaction: Transaction) -> None:
            organization = organization_of(transaction, MANAGEMENT)
            assert organization is not None
            join(transaction, organization, account, "CREATED", now=self.aws.clock(), random=urandom)

        self.change(put)

    def change(self, job: Callable[[Transaction], None]) -> None:
        """Change the store's records as no operation would."""
        self.aws._installation.store.submit(job).result()

    def limit(self, limits: Mapping[str, int]) -> None:
        """Set limits, which are called as in `masugata.limits` but without the service."""
        named = {f"organizations.{name}": value for name, value in limits.items()}
        assert set(named) <= set(LIMITS)
        self.aws._installation.gateway.limits = {**LIMITS, **named}

    def state(self, identifier: str) -> str:
        """The state of a handshake, as the organization that sent it sees it."""
        return str(self.client.describe_handshake(HandshakeId=identifier)["Handshake"]["State"])


def failure(call: Callable[..., Any], **request: Any) -> tuple[str, str | None]:
    """Code and reason of a call that must fail."""
    try:
        call(**request)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response.get("Reason")
    raise AssertionError("the call did not fail")


def states(handshakes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The states of handshakes by id."""
    return {handshake["Id"]: handshake["State"] for handshake in handshakes}
