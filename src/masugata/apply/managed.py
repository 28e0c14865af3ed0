"""Names of policies and roles of IAM, and what follows from them."""

import re
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

from masugata.apply.description import Account, ManagedPolicy, Principal
from masugata.apply.references import compact
from masugata.authorization.managed_policies import all_policies

Named: TypeAlias = tuple[str, str]
"""A role: the key of its account, and its name."""
_ROLE_ARN = re.compile(r':iam::([0-9]{12}|\$\{account:[^}]*\}):role(/[^"]*)"')


@lru_cache(maxsize=1)
def _aws() -> dict[str, str]:
    return {policy.name: policy.arn for policy in all_policies()}


def aws_policy_arn(name: str, partition: str = "aws") -> str | None:
    """The ARN of an AWS managed policy, or None."""
    found = _aws().get(name)
    return None if found is None else found.replace("arn:aws:", f"arn:{partition}:", 1)


def policy_arn(policy: ManagedPolicy, account_id: str, partition: str) -> str:
    """The ARN of a policy of the account's own."""
    return f"arn:{partition}:iam::{account_id}:policy{policy.path or '/'}{policy.name}"


def in_order(accounts: Iterable[Account], there: Container[Named]) -> tuple[list[Named], list[Principal]]:
    """The roles to be made, in any account, each after those that its trust policy names; and circles.

    IAM takes no trust policy that names a role which is not there. Those that are `there` are not made.
    """
    made = {
        (account.key, role.name): role
        for account in accounts
        for role in ((account.iam and account.iam.roles) or {}).values()
        if (account.key, role.name) not in there
    }
    waits = _waits(accounts, made)
    ordered: list[Named] = []
    done: set[Named] = set()
    left = list(made)
    while ready := [role for role in left if waits[role] <= done]:
        ordered += ready
        done.update(ready)
        left = [role for role in left if role not in done]
    return ordered, [made[role] for role in left]


def _waits(accounts: Iterable[Account], roles: Mapping[Named, Principal]) -> dict[Named, set[Named]]:
    """Which of the roles the trust policy of each names."""
    keys = {account.id or "": account.key for account in accounts}
    keys |= {f"${{account:{account.key}}}": account.key for account in accounts}
    by_path = {(key, f"{role.path or '/'}{name}"): (key, name) for (key, name), role in roles.items()}
    waits: dict[Named, set[Named]] = {}
    for named, role in roles.items():
        text = compact(role.trust_policy.content) if role.trust_policy else ""
        found = ((keys.get(id_, ""), path) for id_, path in _ROLE_ARN.findall(text))
        waits[named] = {by_path[place] for place in found if place in by_path}
    return waits
