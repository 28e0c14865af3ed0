"""Signature Version 4 and 4a, the verifier's half: read a signature off a request and judge it.

Nothing here knows the time, a secret or a store: they are arguments. A caller goes through
`parse_signature`, `check_scope`, `check_time`, `check_path`, looks the key up, and ends with `verify`;
each step raises, so none can be passed over by ignoring a result.
"""

from masugata.wire.sigv4._canonical import canonical_request, string_to_sign, with_normal_path
from masugata.wire.sigv4._parse import parse_signature
from masugata.wire.sigv4._refusals import invalid_token, missing_authentication_token
from masugata.wire.sigv4._signature import ECDSA, HMAC, Signature
from masugata.wire.sigv4._verify import check_path, check_scope, check_time, signing_key, verify

__all__ = [
    "ECDSA",
    "HMAC",
    "Signature",
    "canonical_request",
    "check_path",
    "check_scope",
    "check_time",
    "invalid_token",
    "missing_authentication_token",
    "parse_signature",
    "signing_key",
    "string_to_sign",
    "verify",
    "with_normal_path",
]
