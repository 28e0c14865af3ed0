"""What goes into a decision and what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from masugata.engines.policy.principals import Principal
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.types import PolicyType


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource.

    `action` is `service:Name` in any case, `resource` an ARN or `*`. `resource_account` owns the
    resource; where it is None the ARN's account segment does, `*` and AWS's own resources count as
    the caller's, and anything else as somebody else's. Keys of `context` may have any case.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str | None
    context: Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Policies:
    """Every policy that binds one decision.

    None means that no such policy applies, which is not the same as an empty set, which allows
    nothing. `scp` and `rcp` hold one set for each level of the organization from the root down, and
    are empty where they do not bind: the management account, service-linked roles, no organization.
    `resource_type` says what kind of resource policy the resource has even if none was found: a role
    without trust policy trusts nobody.
    """

    identity: PolicySet | None
    boundary: PolicySet | None = None
    session: PolicySet | None = None
    resource: PolicySet | None = None
    scp: tuple[PolicySet, ...] = ()
    rcp: tuple[PolicySet, ...] = ()
    vpce: PolicySet | None = None
    resource_type: PolicyType = PolicyType.RESOURCE


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, and because of what.

    For a denial `level` is the kind of policy that denies, and `policy`, `statement` (counted from 0)
    and `sid` say which, if the denial is `explicit`; for an allow they name the allowing statement,
    None for the root user and for actions that need no permission.
    """

    allowed: bool
    explicit: bool
    level: PolicyType | None
    policy: str | None
    statement: int | None
    sid: str | None

    def __bool__(self) -> NoReturn:
        raise TypeError("a decision is not a truth value: ask for `.allowed`")
