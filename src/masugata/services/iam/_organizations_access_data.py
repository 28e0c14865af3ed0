"""What a report on an entity of an organization holds: what its SCPs allow, and who accessed it last.

Only SCPs are looked at. A service is allowed if there is an action of it that every level allows, on
whatever resource and under whatever conditions, and that no level denies on everything and always.
Source: GenerateOrganizationsAccessReport.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from masugata.authorization import catalogue
from masugata.call import Call
from masugata.engines.policy import Policy, PolicyType, compile_policy
from masugata.engines.policy.statements import Statement
from masugata.records.iam import ROLE, USER
from masugata.records.kind import Kind
from masugata.records.organizations import (
    MEMBER,
    ORGANIZATIONAL_UNIT,
    SERVICE_CONTROL_POLICY,
    Member,
    Organization,
    OrganizationPolicy,
    Target,
    attached_policies,
    find_policy,
    levels,
    target_id,
)
from masugata.services.iam._access_data import TRACKED
from masugata.services.iam.last_use import used_operations

_BELOW: Final[tuple[Kind[Any], ...]] = (ORGANIZATIONAL_UNIT, MEMBER)


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """The last access to a service: in seconds since the epoch, where, from which account's path.

    `accounts` says how many of the entity's accounts accessed it.
    """

    date: int
    region: str
    path: str
    accounts: int


class OrganizationAccessData(msgspec.Struct, frozen=True):
    """The services that are allowed, by prefix, each with its last access."""

    services: dict[str, Attempt | None]

    def packed(self) -> bytes:
        """The same as bytes."""
        return zlib.compress(msgspec.json.encode(self))


def unpacked(content: bytes) -> OrganizationAccessData:
    """What `packed` made."""
    return _decoder.decode(zlib.decompress(content))


_decoder = msgspec.json.Decoder(OrganizationAccessData)


class Asked(NamedTuple):
    """What the report is on: the way from the root down to the entity, and a policy, if one is named."""

    organization: Organization
    way: tuple[Target, ...]
    policy: OrganizationPolicy | None

    @property
    def management(self) -> bool:
        """Whether it is the management account, which no SCP binds."""
        return target_id(self.way[-1]) == self.organization.management_account


def collect(call: Call, asked: Asked) -> OrganizationAccessData:
    """The services that SCPs allow, and their last accesses from the accounts below the entity."""
    services: Iterable[str] = catalogue.service_names()
    if asked.policy is not None and not asked.management:
        services = _allowed([[asked.policy.content]])
    elif not asked.management:
        services = _allowed([_contents(call, asked.organization, target) for target in asked.way])
    attempts: dict[str, Attempt] = {}
    for account in _accounts(call, asked):
        path = entity_path(asked.organization, levels(call.records, asked.organization, account))
        for prefix, (date, region) in _last_accesses(call, account).items():
            before = attempts.get(prefix)
            count = 1 if before is None else before.accounts + 1
            if before is None or date > before.date:
                attempts[prefix] = Attempt(date, region, path, count)
            else:
                attempts[prefix] = msgspec.structs.replace(before, accounts=count)
    return OrganizationAccessData({prefix: attempts.get(prefix) for prefix in sorted(services)})


def entity_path(organization: Organization, way: Sequence[Target]) -> str:
    """`o-…/r-…/ou-…/123456789012`, as far down as the way goes."""
    return "/".join((organization.id, *map(target_id, way)))


def _contents(call: Call, organization: Organization, target: Target) -> list[str]:
    ids = attached_policies(target, SERVICE_CONTROL_POLICY)
    policies = (find_policy(call.records, organization, id_) for id_ in ids)
    return [policy.content for policy in policies if policy is not None]


def _accounts(call: Call, asked: Asked) -> Iterator[str]:
    """The accounts that the report is about: bound by the policy, if one is named.

    The management account is only in a report on itself.
    """
    if asked.management:
        yield asked.organization.management_account
        return
    below = [(asked.way[-1], False)]
    for target, attached in below:  # grows
        bound = attached or asked.policy is None
        bound = bound or (asked.policy is not None and asked.policy.id in _scps(target))
        if isinstance(target, Member):
            if bound and target.id != asked.organization.management_account:
                yield target.id
            continue
        manager, parent = asked.organization.management_account, target_id(target)
        for kind in _BELOW:
            below += ((child, bound) for child in call.records.referring(kind, manager, "parent", parent))


def _scps(target: Target) -> tuple[str, ...]:
    return attached_policies(target, SERVICE_CONTROL_POLICY)


def _last_accesses(call: Call, account: str) -> dict[str, tuple[int, str]]:
    """By prefix when and where anybody of an account accessed a service last."""
    records = call.records
    principals = [account]  # the root user
    principals += (user.id for user in records.scan(USER, account))
    principals += (role.id for role in records.scan(ROLE, account))
    oldest = int((call.now - TRACKED).timestamp())
    found: dict[str, tuple[int, str]] = {}
    for principal in principals:
        for (service, operation), use in used_operations(call, principal).items():
            entry = catalogue.operation(service, operation)
            for action in entry.actions if entry is not None and use.date >= oldest else ():
                prefix = action.partition(":")[0]
                found[prefix] = max(found.get(prefix, (0, "")), (use.date, use.region))
    return found


def _allowed(documents: Sequence[Sequence[str]]) -> list[str]:
    """The services that policies allow something of; `documents` are those of each level."""
    found = [[_compiled(document) for document in level] for level in documents]
    statements = [[one for policy in level for one in policy.statements] for level in found]
    allows = [[one for one in level if one.allow and one.problem is None] for level in statements]
    denies = [one for level in statements for one in level if not one.allow and _always(one)]
    return [prefix for prefix in catalogue.service_names() if _allows_some(prefix, allows, denies)]


def _allows_some(prefix: str, allows: Sequence[Sequence[Statement]], denies: Sequence[Statement]) -> bool:
    entries = catalogue.service(prefix)
    names = () if entries is None else map(str.lower, entries.actions)
    return any(
        all(any(one.actions.matches(name) for one in level) for level in allows)
        and not any(one.actions.matches(name) for one in denies)
        for name in names
    )


def _always(statement: Statement) -> bool:
    """Whether a statement speaks of every resource under all conditions."""
    return (
        not statement.conditions
        and statement.resource_values == ("*",)
        and not statement.raw.negated_resource
    )


@lru_cache(maxsize=256)
def _compiled(document: str) -> Policy:
    return compile_policy(document, PolicyType.SCP, "policy")
