"""Every decision over callers x actions x resources at once, and what of it depends on unknown conditions.

>>> from masugata.engines.policy import PolicySet, PolicyType, Principal, compile_policy
>>> read = compile_policy(
...     '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},'
...     '{"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::shop/till",'
...     '"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}]}',
...     PolicyType.IDENTITY,
...     "read",
... )
>>> alice = Principal("user", "arn:aws:iam::111122223333:user/alice", account="111122223333")
>>> subject = Subject(alice, PolicySet(PolicyType.IDENTITY, [read]))
>>> resources = [Resource(f"arn:aws:s3:::shop/{name}", "111122223333") for name in ("menu", "till")]
>>> matrix = Matrix([subject], ["s3:GetObject", "s3:PutObject"], resources)
>>> for access in matrix.accesses():
...     for resource in resources:
...         print(resource.arn, matrix.verdict(access, "s3:GetObject", resource.arn))
arn:aws:s3:::shop/menu Verdict.CERTAIN
arn:aws:s3:::shop/till Verdict.POSSIBLE
"""

from masugata.engines.policy.matrix.columns import Resource
from masugata.engines.policy.matrix.facts import NO_FACTS, Facts
from masugata.engines.policy.matrix.reasons import Ground, Reasons, reasons
from masugata.engines.policy.matrix.table import Access, Matrix, Subject, Verdict

__all__ = [
    "NO_FACTS",
    "Access",
    "Facts",
    "Ground",
    "Matrix",
    "Reasons",
    "Resource",
    "Subject",
    "Verdict",
    "reasons",
]
