"""Who makes a call, after authentication: what GetCallerIdentity would say, and the session behind it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from masugata.identity.services import CallingService, ServicePrincipal
from masugata.records.iam import OidcProvider, SamlProvider

_SERVICE_LINKED = "role/aws-service-role/"


class CallerKind(StrEnum):
    """The kinds of principals that make calls."""

    ROOT = "root"
    USER = "user"
    ROLE_SESSION = "role-session"
    FEDERATED = "federated"
    WEB_IDENTITY = "web-identity"
    SAML = "saml"
    SERVICE = "service"


IDENTITY_PROVIDERS = frozenset({CallerKind.WEB_IDENTITY, CallerKind.SAML})
"""The kinds that sign nothing: an identity provider vouches for them, in the request itself."""


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Temporary credentials and what they carry; the sealed content of a session token.

    `issuer_id` is the unique id of the user or role (or the account id for root) that the session
    stands for. `issued`, `expires` and `mfa` are in seconds since the epoch. `policies` are inline
    session policies, `policy_arns` managed ones; `transitive_tag_keys` travel along role chains.
    `provider` is the ARN of the identity provider that vouched for whoever assumed the role, and
    `provider_keys` the condition keys that it leaves to the session.
    `sign_in` is the generation of the password that was signed in with, and empty for all other sessions.
    `assumed_root` marks a session of AssumeRoot: the root user's, for one task. `delegate` is the account
    that got it by a delegation request, and acts for the user or role that accepted.
    """

    version: int = 1
    kind: CallerKind
    account: str
    access_key_id: str
    secret: str
    issuer_id: str
    name: str = ""
    issued: int
    expires: int
    mfa: int | None = None
    source_identity: str | None = None
    tags: dict[str, str] = {}
    transitive_tag_keys: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    provider: str | None = None
    provider_keys: dict[str, str | list[str]] = {}
    sign_in: str = ""
    assumed_root: bool = False
    delegate: str = ""

    @property
    def limited(self) -> bool:
        """Whether the session may do less than the identity that it stands for."""
        return bool(self.policies or self.policy_arns) or self.assumed_root


class Federation(msgspec.Struct, frozen=True, kw_only=True):
    """What an identity provider said of somebody, verified.

    `provider` is the provider's ARN, `record` what it was verified with. `keys` are the condition keys
    for the role's trust policy, `session_keys` those that stay with the session. `name_qualifier`,
    `subject_type`, `name` and the bounds of the session are SAML's: `name` is the session's, `seconds` how
    long it may last, `until`, since the epoch, when it ends at the latest, and `roles` those that the
    assertion offers (None: any).
    """

    provider: str
    record: OidcProvider | SamlProvider
    issuer: str
    audience: str
    subject: str
    keys: dict[str, str | list[str]] = {}
    session_keys: dict[str, str | list[str]] = {}
    tags: dict[str, str] = {}
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    name: str = ""
    seconds: int | None = None
    until: int | None = None
    roles: tuple[str, ...] | None = None
    name_qualifier: str = ""
    subject_type: str = ""


class Caller(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """An authenticated caller.

    `user_id` is what GetCallerIdentity answers (AIDA…, AROA…:session, account:name or the account
    id). `entity_name` is the name of the user or role that its permissions come from (empty for
    root), `issuer_arn` and `issuer_id` that entity's ARN and unique id. `code_time`, in seconds since
    the epoch, is set if an MFA code came with this very call. Whom an identity provider vouches for has
    no key and no entity: `arn` is the provider's, `account` that of the provider and the role.
    `via` are the services through which the call came, the first one first. A service that calls for
    itself is `service`; it has no account, and its name is its `arn`.
    """

    kind: CallerKind
    account: str
    partition: str = "aws"
    arn: str
    user_id: str
    access_key_id: str
    entity_name: str = ""
    issuer_arn: str = ""
    issuer_id: str = ""
    session: Session | None = None
    code_time: int | None = None
    federation: Federation | None = None
    via: tuple[CallingService, ...] = ()
    service: ServicePrincipal | None = None

    @property
    def hashable(self) -> bool:
        """Whether something can be remembered of it by itself: sessions and federations hold dicts."""
        return self.session is None and self.federation is None

    @property
    def is_service(self) -> bool:
        """Whether a service calls for itself."""
        return self.service is not None

    @property
    def home(self) -> str:
        """The account that the call is recorded in: the caller's, or the one that a service calls for."""
        return self.account if self.service is None else self.service.account

    @property
    def mfa(self) -> int | None:
        """When the caller gave an MFA code, with this call or for its session; None if it did not."""
        return self.session.mfa if self.code_time is None and self.session else self.code_time

    @property
    def service_linked(self) -> bool:
        """Whether this is a session of a service-linked role, which organizations' policies do not bind."""
        # Only CreateServiceLinkedRole makes roles on this path. Another path may hold colons and the same
        # words, so they count only where the ARN's resource begins.
        resource = self.issuer_arn.split(":", 5)[-1]
        return self.kind is CallerKind.ROLE_SESSION and resource.startswith(_SERVICE_LINKED)

    @property
    def username(self) -> str:
        """The name that CloudTrail shows and looks up by: user, session or `root`."""
        if self.kind is CallerKind.ROOT:
            return "root"
        if self.kind is CallerKind.USER:
            return self.entity_name
        if self.federation is not None:
            return self.federation.subject
        return self.session.name if self.session else ""


def service_caller(service: ServicePrincipal) -> Caller:
    """A service as a caller."""
    return Caller(
        kind=CallerKind.SERVICE,
        account="",
        partition=service.partition,
        arn=service.name,
        user_id=service.name,
        access_key_id="",
        service=service,
    )


def utc_seconds(moment: datetime) -> int:
    """Whole seconds since the epoch."""
    return int(moment.timestamp())
