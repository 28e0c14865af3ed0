"""What goes into a decision and what comes out.

Structs, because making one for each decision takes an eighth of the time that a frozen dataclass takes.
"""

from collections.abc import Mapping, Sequence
from typing import NoReturn

import msgspec

from masugata.engines.policy.grants import KeyGrant
from masugata.engines.policy.principals import Principal
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.types import PolicyType


class Request(msgspec.Struct, frozen=True):
    """One action on one resource.

    `action` is `service:Name` in any case, `resource` an ARN or `*`. `resource_account` owns the
    resource; where it is None the ARN's account segment does, `*` and AWS's own resources count as
    the caller's, and anything else as somebody else's. Keys of `context` may have any case.

    `rcp_supported` is False only where AWS does not apply RCPs to the resource: for services that do
    not support them, and for AWS managed KMS keys.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str | None
    context: Mapping[str, str | Sequence[str]]
    rcp_supported: bool = True


class Policies(msgspec.Struct, frozen=True):
    """Every policy that binds one decision.

    None means that no such policy applies, which is not the same as an empty set, which allows
    nothing. `resource_type` says what kind of resource policy the resource has even if none was found:
    a role without trust policy trusts nobody.

    `scp` holds one set for each level of the organization from the root down to the *caller's* account,
    `rcp` the same down to the *resource's* account (the caller's, for an action without resource); both
    are empty for an account that is in no organization. Every level must allow. Nothing is added: AWS's
    FullAWSAccess and RCPFullAWSAccess are policies of these sets like any other. Who is exempt is
    decided by the engine: callers without account and sessions of service-linked roles from SCPs,
    service-linked roles, `kms:RetireGrant` and what `Request.rcp_supported` excludes from RCPs, and from
    both what belongs to `management_account`. While that is not said, no account is exempt.

    `key_grants` are the grants of the KMS key that the request is about; see `KeyGrant`.
    """

    identity: PolicySet | None
    boundary: PolicySet | None = None
    session: PolicySet | None = None
    resource: PolicySet | None = None
    scp: tuple[PolicySet, ...] = ()
    rcp: tuple[PolicySet, ...] = ()
    vpce: PolicySet | None = None
    resource_type: PolicyType = PolicyType.RESOURCE
    management_account: str = ""
    key_grants: tuple[KeyGrant, ...] = ()

    @property
    def kind_of_resource_policy(self) -> PolicyType:
        """The type of `resource`, or what it would be."""
        return self.resource_type if self.resource is None else self.resource.type


class Decision(msgspec.Struct, frozen=True):
    """Yes or no, and because of what.

    For a denial `level` is the kind of policy that denies, and `policy`, `statement` (counted from 0)
    and `sid` say which, if the denial is `explicit`. It is None, and `reserved` says why, where AWS keeps
    the resource for itself.
    For an allow they name the allowing statement, or the grant of a KMS key without statement; they are
    None for the root user and for actions that need no permission.
    """

    allowed: bool
    explicit: bool
    level: PolicyType | None
    policy: str | None
    statement: int | None
    sid: str | None
    reserved: str | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError("a decision is not a truth value: ask for `.allowed`")
