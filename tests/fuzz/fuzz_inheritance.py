"""Fuzz target: whatever a declarative policy holds, it is refused as malformed, or it adds up with itself."""

import json

from masugata.engines.inheritance import (
    MalformedDeclarativePolicyError,
    SourcePolicy,
    check_policy,
    effective_policy,
)
from masugata.records.organizations import AUTHORIZATION_POLICY_TYPES, POLICY_TYPES

TYPES = tuple(name for name in POLICY_TYPES if name not in AUTHORIZATION_POLICY_TYPES)

# The first byte chooses the type, by its place among `TYPES`; the rest is the policy.
SEEDS = (
    (
        b'\x00{"tags":{"Shop":{"@@operators_allowed_for_child_policies":["@@none"],"tag_key":{"@@assign":"SHOP"},'
        b'"tag_value":{"@@append":["north","*"],"@@remove":["x"],"@@operators_allowed_for_child_policies":'
        b'["@@append","@@remove"]},"enforced_for":{"@@assign":["ec2:instance"]}}}}'
    ),
    (
        b'\x01{"plans":{"P":{"regions":{"@@append":["eu-west-1"]},"rules":{"R":{"lifecycle":{"delete_after_days":'
        b'{"@@assign":"270"}},"recovery_point_tags":{"o":{"tag_value":{"@@append":["a"]}}},"index_actions":{"x":'
        b'{"@@assign":["EBS"]}}}}}}}'
    ),
    b'\x02{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}',
    b'\x03{"chatbot":{"platforms":{"microsoft_teams":{"overrides":{"t":{"u":{}}},"tenants":{"t":{"@@assign":[]}}}}}}',
    b'\x04{"ec2_attributes":{"instance_metadata_defaults":{"http_put_response_hop_limit":{"@@assign":-1}}}}',
    b'\x05{"securityhub":{"enable_in_regions":{"@@assign":["ALL_SUPPORTED"]},"disable_in_regions":{}}}',
    b'\x0c{"guardduty":{"default":{"foundational":{"a":{"@@assign":1.5},"b":{"c":{"@@append":["d"]}}}}}}',
)
PIECES = (
    b'"', b"{", b"}", b"[", b"]", b":", b",", b"@@", b"@@assign", b"@@append", b"@@remove", b"@@all",
    b"@@none", b"null", b"true", b"1e999", b"9" * 5000, b"[" * 2000, b'{"a":' * 40,
    b"\\ud800", b"\\u0000", b"\xff",
    b"@@operators_allowed_for_child_policies",
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """One document of one type: alone, with itself on one target, and below itself."""
    policy_type = TYPES[data[0] % len(TYPES)] if data else TYPES[0]
    content = data[1:].decode("latin-1")
    policy = SourcePolicy("p-fuzz", content)
    try:
        check_policy(policy_type, content)
        valid = True
    except MalformedDeclarativePolicyError as error:
        valid = False
        str(error).encode(errors="backslashreplace")
    for levels in ([[policy]], [[policy, policy]], [[policy], [policy]]):
        found = effective_policy(policy_type, levels)
        json.loads(found.content.encode().decode())
        malformed = any(error.code == "MALFORMED_POLICY" for error in found.errors)
        if malformed is valid:
            raise AssertionError("a policy that is accepted is malformed, or the reverse")
