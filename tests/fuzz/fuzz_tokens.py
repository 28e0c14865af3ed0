"""Fuzz target: whatever a web identity token holds, it is refused, or read in bounds; nobody signed it."""

import contextlib
from datetime import UTC, datetime

from masugata.errors import AwsError
from masugata.identity.federation.issuer_keys import read_keys
from masugata.identity.federation.session_tags import source_identity_of_claims, tags_of_claims
from masugata.identity.federation.tokens import audience, check_signature, check_times, read_token, subject

NOW = datetime(2026, 11, 27, tzinfo=UTC)
# {"alg":"RS256","kid":"a"}.{"iss":"https://a.example","aud":"b","sub":"c","iat":1795000000,"exp":1796000000}.
SEEDS = (
    (
        b"eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSIsImF1ZCI6ImIiLCJzdWIiOiJjIiwiaWF0Ijo"
        b"xNzk1MDAwMDAwLCJleHAiOjE3OTYwMDAwMDB9.AAAA"
    ),
    b'{"keys":[{"kty":"RSA","kid":"a","n":"'
    + b"w" * 342
    + b'","e":"AQAB"},{"kty":"EC","kid":"b","crv":"P-256",'
    b'"x":"AAAA","y":"AAAA"}]}',
)
PIECES = (b".", b"eyJhbGciOiJub25lIn0", b"e30", b"-_", b"==", b'{"', b'"alg"', b"null", b"[" * 99, b"9" * 99)
KEYS = read_keys(SEEDS[1])["a"]


def fuzz_one(data: bytes) -> None:
    """One text as a token, and as a key set; a finding is any exception but AwsError and ValueError."""
    with contextlib.suppress(ValueError):
        read_keys(data)
    try:
        token = read_token(data.decode("latin-1"))
        for check in (audience, subject):
            check(token).encode(errors="surrogatepass")
        tags_of_claims(token.claims)
        source_identity_of_claims(token.claims)
        check_times(token, NOW)
        check_signature(token, KEYS[0])
    except AwsError as refusal:
        if refusal.status != 400 or not refusal.message:
            raise AssertionError(f"refusal without a text: {refusal!r}") from refusal
        return
    raise AssertionError("accepted, and nobody signed it")
