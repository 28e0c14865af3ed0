"""Who calls: the management account's administrator, and in the others the role that they have for it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from masugata.client import Client, Keys
from masugata.errors import AwsError, MasugataError
from masugata.records.organizations import ACCESS_ROLE

_SESSION_SECONDS = 3600
_FRESH = timedelta(minutes=50)
_SESSION_NAME = "masugata-apply"


class NoSessionError(MasugataError):
    """The role by which an account is administered cannot be assumed."""


class Sessions:
    """Clients of accounts, whose sessions are renewed before they end."""

    def __init__(self, management: Client, *, clock: Callable[[], datetime], role: str = ACCESS_ROLE) -> None:
        self.management = management
        self._clock = clock
        self.role = role
        self._own: tuple[str, str] | None = None
        self._clients: dict[str, tuple[datetime, Client]] = {}

    def client_of(self, account_id: str) -> Client:
        """A client in that account; raises `NoSessionError` where the role cannot be assumed."""
        partition, own = self._whoami()
        if account_id == own:
            return self.management
        began, client = self._clients.get(account_id, (None, self.management))
        now = self._clock()
        if began is not None and now - began < _FRESH:
            return client
        arn = f"arn:{partition}:iam::{account_id}:role/{self.role}"
        try:
            answer = self.management.call(
                "sts",
                "AssumeRole",
                RoleArn=arn,
                RoleSessionName=_SESSION_NAME,
                DurationSeconds=_SESSION_SECONDS,
            )
        except AwsError as error:
            raise NoSessionError(f"cannot act in the account {account_id}, as {arn}: {error}") from error
        key = answer["Credentials"]
        keys = Keys(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])
        client = self.management.as_other(keys)
        self._clients[account_id] = now, client
        return client

    def _whoami(self) -> tuple[str, str]:
        if self._own is None:
            identity = self.management.call("sts", "GetCallerIdentity")
            self._own = identity["Arn"].split(":")[1], identity["Account"]
        return self._own
