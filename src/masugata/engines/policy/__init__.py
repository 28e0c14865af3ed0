"""IAM policy evaluation: data in, decision out.

Policies that are written are checked by `masugata.engines.policy.grammar`.

>>> read = compile_policy(
...     '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}',
...     PolicyType.IDENTITY,
...     "arn:aws:iam::111122223333:policy/read",
... )
>>> alice = Principal("user", "arn:aws:iam::111122223333:user/alice", account="111122223333")
>>> request = Request(alice, "s3:GetObject", "arn:aws:s3:::shop/menu", "111122223333", {})
>>> decide(Policies(identity=PolicySet(PolicyType.IDENTITY, [read])), request).allowed
True
"""

from masugata.engines.policy.decide import decide
from masugata.engines.policy.decision import Decision, Policies, Request
from masugata.engines.policy.explain import Explanation, explain
from masugata.engines.policy.grants import KeyGrant
from masugata.engines.policy.principals import Principal
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import Policy, compile_policy
from masugata.engines.policy.types import PolicyType

__all__ = [
    "Decision",
    "Explanation",
    "KeyGrant",
    "Policies",
    "Policy",
    "PolicySet",
    "PolicyType",
    "Principal",
    "Request",
    "compile_policy",
    "decide",
    "explain",
]
