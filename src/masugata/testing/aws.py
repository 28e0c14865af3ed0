"""What a test sees: accounts, and clients that act as anybody in them."""

import ipaddress
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from masugata.testing import process
from masugata.testing.acting import ActingCredentials, RoleSession, user_id
from masugata.testing.calling import NOBODY, calling_service, service_principal
from masugata.testing.clients import Transport
from masugata.testing.clock import Clock
from masugata.testing.denials import Denial
from masugata.testing.errors import EndedError
from masugata.testing.installation import Installation

if TYPE_CHECKING:
    from masugata.testing.organization import DescribedOrganization

Policy = str | Mapping[str, object]


class Account:
    """One account; its clients act as the user `admin`, who may do everything, or as somebody else.

    `id` has 12 digits, `region` is that of its clients unless they name another.
    """

    def __init__(
        self, account_id: str, region: str, installation: Installation, transport: Transport
    ) -> None:
        self.id = account_id
        self.region = region
        self._installation = installation
        self._transport = transport

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    def client(
        self,
        service: str,
        *,
        user: str | None = None,
        role: str | None = None,
        root: bool = False,
        session_name: str = "local-aws",
        tags: Mapping[str, str] | None = None,
        source_identity: str | None = None,
        policy: Policy | None = None,
        via: str | None = None,
        **options: Any,
    ) -> Any:
        """A boto3 client of somebody: see `session`; `options` are those of boto3's `Session.client`."""
        session = self.session(
            user=user,
            role=role,
            root=root,
            session_name=session_name,
            tags=tags,
            source_identity=source_identity,
            policy=policy,
            via=via,
        )
        return session.client(service, **options)

    def service_client(
        self, service: str, principal: str, *, source_arn: str | None = None, **options: Any
    ) -> Any:
        """A boto3 client of a service principal ("cloudtrail.amazonaws.com"), which calls for this account.

        `source_arn` is the resource for which it calls, of any account, and `aws:SourceAccount` that account;
        without one it is this account. Raises ValueError for what is no service principal or ARN.
        """
        if self._transport.ended:
            raise EndedError("this local_aws has ended")
        region = options.pop("region_name", None) or self.region
        calling = service_principal(principal, self.id, region, source_arn)
        transport = self._transport.by_service(calling)
        return process.session(transport, NOBODY, region).client(service, **options)

    def session(
        self,
        *,
        user: str | None = None,
        role: str | None = None,
        root: bool = False,
        session_name: str = "local-aws",
        tags: Mapping[str, str] | None = None,
        source_identity: str | None = None,
        policy: Policy | None = None,
        via: str | None = None,
    ) -> Any:
        """A boto3 session of the user `admin`, of another `user`, of a session of a `role`, or of `root`.

        `user` is a name, `role` an ARN or a name. A user acts with a long-term key that IAM does not
        list. A role session has `session_name`, `tags`, `source_identity` and a session `policy`, and
        lasts an hour by the clock; the role's trust policy is not asked, so to test that call
        sts:AssumeRole. `via` is a service, named as in its endpoints ("s3"), that makes the calls for them.
        Raises `NoSuchPrincipalError`, `MalformedPolicyError`, and ValueError for a contradiction.
        """
        if self._transport.ended:
            raise EndedError("this local_aws has ended")
        if (user is not None) + (role is not None) + root > 1:
            raise ValueError("one acts as a user, as a role or as root, not as several of them")
        about = RoleSession(session_name, tags or {}, source_identity, policy)
        if role is None and about != RoleSession():
            raise ValueError("session_name, tags, source_identity and policy are those of a role's session")
        credentials = self._credentials(user, role, about, root=root)
        transport = self._transport if via is None else self._transport.by_service(calling_service(via))
        return process.session(transport, credentials, self.region)

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """The account's CloudTrail records in all Regions, as they happened; only of the operation `name`."""
        history = self._installation.store.history(self.id)
        return [orjson.loads(event.body) for event in history if name in (None, event.name)]

    def _credentials(
        self, user: str | None, role: str | None, about: RoleSession, *, root: bool
    ) -> ActingCredentials:
        acting, now = self._installation.acting, self._installation.clock()
        records = self._installation.store.snapshot()
        if role is not None:
            return acting.as_role(role, self.id, about, now, records)
        if root:
            return acting.as_owner(self.id, self.id, now)
        if user is not None:
            return acting.as_owner(self.id, user_id(user, self.id, records), now)
        return self._installation.administrator(self.id)


class LocalAws(Account):
    """What `local_aws` gives: its first account, and everything around it. `clock` is its time."""

    def __init__(
        self,
        account: str,
        region: str | None,
        limits: Mapping[str, int] | None = None,
        organization: str | os.PathLike[str] | None = None,
    ) -> None:
        self.clock = Clock()
        installation = Installation(self.clock, limits)
        account_id = installation.open_account(account)
        transport = Transport(installation.gateway, lambda: installation.administrator(account_id))
        region = region or process.region_of_environment() or "us-east-1"
        super().__init__(account_id, region, installation, transport)
        self._described = None if organization is None else _described(organization, limits)
        self._make_organization()

    def account(self, name: str) -> Account:
        """Another account: 12 digits, or a name.

        The organization's account of this name, or of this key in its file; else one that is made on first
        use, and whose id is always the same. Who acts in an account that CreateAccount made is by default
        a session of the role by which the management account administers it.
        """
        named = self._described.accounts.get(name, name) if self._described is not None else name
        account_id = self._installation.open_account(named)
        return Account(account_id, self.region, self._installation, self._transport)

    @property
    def source_ip(self) -> str:
        """The address that calls come from, `aws:SourceIp`; at first 127.0.0.1."""
        return self._transport.state.source_ip

    @source_ip.setter
    def source_ip(self, address: str) -> None:
        self._transport.state.source_ip = str(ipaddress.ip_address(address))

    def explain(self, error: BaseException) -> Denial:
        """Why a call was denied, from the ClientError: print it; raises `MasugataError` if no policy did."""
        return self._installation.denials.denial(error)

    def reset(self) -> None:
        """Empty all accounts, as if they had just been made; clients of `admin` and `root` go on working."""
        self._installation.reset()
        self._make_organization()

    def _make_organization(self) -> None:
        if self._described is not None:
            self._described.make(self._installation, self.id, self.region)

    def _enter(self) -> None:
        process.enter(self._transport, self.region)

    def _leave(self) -> None:
        process.leave(self._transport)


def _described(file: str | os.PathLike[str], limits: Mapping[str, int] | None) -> "DescribedOrganization":
    # What reads and applies such a file is a quarter of the time to start, and few tests begin with one.
    from masugata.testing.organization import DescribedOrganization  # noqa: PLC0415

    return DescribedOrganization(file, limits)
