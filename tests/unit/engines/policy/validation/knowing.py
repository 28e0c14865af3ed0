"""The real catalogue, indexed once for all tests of the checks."""

import json

from masugata.authorization import catalogue
from masugata.engines.policy import PolicyType
from masugata.engines.policy.validation import Knowledge, validate

KNOWLEDGE = Knowledge(catalogue.names("actions"), catalogue.service)


def check(policy, type_=PolicyType.IDENTITY, **more):
    """The findings about a policy, given as text or as its content."""
    text = policy if isinstance(policy, str | bytes) else json.dumps(policy)
    return validate(text, PolicyType(type_), KNOWLEDGE, **more).findings


def codes(policy, type_=PolicyType.IDENTITY, **more):
    """The codes of the findings, each once."""
    return {finding.code for finding in check(policy, type_, **more)}
