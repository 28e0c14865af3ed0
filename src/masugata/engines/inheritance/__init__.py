"""Declarative policies of organizations: what they may say, and what they add up to for an account.

>>> root = SourcePolicy("p-root", '{"tags": {"Shop": {"tag_value": {"@@assign": ["north"]}}}}')
>>> check_policy("TAG_POLICY", root.content)
>>> account = SourcePolicy("p-account", '{"tags": {"shop": {"tag_value": {"@@append": ["south"]}}}}')
>>> effective_policy("TAG_POLICY", [[root], [account]]).content
'{"tags":{"shop":{"tag_value":["north","south"]}}}'
"""

from masugata.engines.inheritance.checking import check_policy
from masugata.engines.inheritance.documents import MalformedDeclarativePolicyError
from masugata.engines.inheritance.effective import (
    EffectivePolicy,
    Inheritance,
    SourcePolicy,
    ValidationError,
    effective_policy,
)
from masugata.engines.inheritance.tagging import tag_policy_violation

__all__ = [
    "EffectivePolicy",
    "Inheritance",
    "MalformedDeclarativePolicyError",
    "SourcePolicy",
    "ValidationError",
    "check_policy",
    "effective_policy",
    "tag_policy_violation",
]
