"""Organizations that have to do with each other, for tests of handshakes and transfers."""

from collections.abc import Iterable, Mapping
from os import urandom
from typing import Any

from masugata.services.organizations._joining import join
from masugata.store import Transaction
from masugata.testing.aws import LocalAws
from unit.services.organizations.company import Company

STRANGER = "999900001111"


class Partners(Company):
    """An organization of a `local_aws` that has to do with others."""

    def __init__(self, aws: LocalAws, features: str = "ALL") -> None:
        super().__init__(aws, features, members=())

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
            organization = self.organization(transaction)
            join(transaction, organization, account, "CREATED", now=self.aws.clock(), random=urandom)

        self.change(put)

    def state(self, identifier: str) -> str:
        """The state of a handshake, as the organization that sent it sees it."""
        return str(self.client.describe_handshake(HandshakeId=identifier)["Handshake"]["State"])


def states(handshakes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The states of handshakes by id."""
    return {handshake["Id"]: handshake["State"] for handshake in handshakes}
