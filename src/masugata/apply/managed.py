"""Names of policies and roles of IAM, and what follows from them."""

import re
from collections.abc import Sequence
from functools import lru_cache

from masugata.apply.description import Account, ManagedPolicy, Principal
from masugata.apply.references import compact
from masugata.authorization.managed_policies import all_policies


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


def in_order(roles: Sequence[Principal], account: Account) -> tuple[list[Principal], list[Principal]]:
    """The roles of one account, each after those that its trust policy names; and those that cannot be.

    IAM takes no trust policy that names a role which is not there.
    """
    ids = [f"${{account:{account.key}}}", *([account.id] if account.id else [])]
    waits: dict[str, set[str]] = {}
    for role in roles:
        text = compact(role.trust_policy.content) if role.trust_policy else ""
        waits[role.name] = {
            other.name
            for other in roles
            if any(
                re.search(re.escape(f"{id_}:role{other.path or '/'}{other.name}") + '"', text) for id_ in ids
            )
        }
    ordered: list[Principal] = []
    done: set[str] = set()
    left = list(roles)
    while ready := [role for role in left if waits[role.name] <= done]:
        ordered += ready
        done |= {role.name for role in ready}
        left = [role for role in left if role.name not in done]
    return ordered, left
