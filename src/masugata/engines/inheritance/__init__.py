"""Declarative policies of organizations: what they may say, and what they add up to for an account.

>>> check_policy("TAG_POLICY", '{"tags": {"shop": {"tag_key": {"@@assign": "Shop"}}}}')
"""

from masugata.engines.inheritance.checking import check_policy
from masugata.engines.inheritance.documents import MalformedDeclarativePolicyError

__all__ = ["MalformedDeclarativePolicyError", "check_policy"]
