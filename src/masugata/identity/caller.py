"""Who makes a call, after authentication: what GetCallerIdentity would say, and the session behind it."""

from datetime import datetime
from enum import StrEnum

import msgspec


class CallerKind(StrEnum):
    """The kinds of principals that sign requests."""

    ROOT = "root"
    USER = "user"
    ROLE_SESSION = "role-session"
    FEDERATED = "federated"


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Temporary credentials and what they carry; the sealed content of a session token.

    `issuer_id` is the unique id of the user or role (or the account id for root) that the session
    stands for. `issued`, `expires` and `mfa` are in seconds since the epoch. `policies` are inline
    session policies, `policy_arns` managed ones; `transitive_tag_keys` travel along role chains.
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


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated caller.

    `user_id` is what GetCallerIdentity answers (AIDA…, AROA…:session, account:name or the account
    id). `entity_name` is the name of the user or role that its permissions come from (empty for
    root), `issuer_arn` and `issuer_id` that entity's ARN and unique id. `code_time`, in seconds since
    the epoch, is set if an MFA code came with this very call.
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

    @property
    def mfa(self) -> int | None:
        """When the caller gave an MFA code, with this call or for its session; None if it did not."""
        return self.session.mfa if self.code_time is None and self.session else self.code_time

    @property
    def username(self) -> str:
        """The name that CloudTrail shows and looks up by: user, session or `root`."""
        if self.kind is CallerKind.ROOT:
            return "root"
        if self.kind is CallerKind.USER:
            return self.entity_name
        return self.session.name if self.session else ""


def utc_seconds(moment: datetime) -> int:
    """Whole seconds since the epoch."""
    return int(moment.timestamp())
