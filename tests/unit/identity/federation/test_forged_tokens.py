"""Tokens that must not convince, each named by its defect; a real issuer publishes the keys."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from federation.issuer import SUBJECT, Issuer
from masugata.errors import AwsError
from masugata.identity.federation import Verifier
from support import ACCOUNT, House

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Deploy"
STRANGER = RSAKey.import_key(rsa.generate_private_key(65537, 2048), {"kid": "first"})
NOT_A_JWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
NOT_ACCEPTED = "The token is not signed in a way that is accepted: RS256, RS384, RS512, ES256, ES384, ES512"
BAD_SIGNATURE = "The signature of the token is not valid."
NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  "
    "please reference AssumeRoleWithWebIdentity documentation for requirements"
)
AUDIENCE_WRONG = "Incorrect token audience"


def part(value: Any) -> str:
    """A part of a token, unsigned."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(issuer: Issuer, header: dict[str, Any], signature: str = "") -> str:
    """A token with any header, and no signature or a made-up one."""
    return f"{part(header)}.{part(issuer.claims())}.{signature}"


def with_public_key_as_secret(issuer: Issuer) -> str:
    """HS256 over the issuer's public key, which a verifier that trusts `alg` would accept."""
    text = f"{part({'alg': 'HS256', 'kid': 'first'})}.{part(issuer.claims())}"
    return f"{text}.{part(hmac.digest(issuer.key.as_pem(private=False), text.encode(), 'sha256'))}"


def tampered(issuer: Issuer) -> str:
    """A good token whose claims were exchanged afterwards."""
    header, _, signature = issuer.token().split(".")
    return f"{header}.{part(issuer.claims(sub='repo:shop/menu:ref:refs/heads/evil'))}.{signature}"


def own_key(issuer: Issuer, **header: Any) -> str:
    """Signed by a stranger, whose key the header brings along or points to."""
    return issuer.token({"kid": "first", **header}, STRANGER)


def duplicate_claim(issuer: Issuer) -> str:
    """`sub` twice: one reader takes the first, another the last."""
    text = json.dumps(issuer.claims())
    return issuer.sign(text[:-1] + ', "sub": "root"}')


def encrypted(_: Issuer) -> str:
    """Five parts, as an encrypted token has."""
    return ".".join([part({"alg": "RSA-OAEP", "enc": "A256GCM"}), "a", "b", "c", "d"])


def elliptic(issuer: Issuer, kid: str) -> str:
    """ES256 by the issuer's own curve key, under any key id."""
    return issuer.token({"alg": "ES256", "kid": kid}, issuer.elliptic)


PUBLIC = STRANGER.as_dict(private=False)
FORGED: dict[str, tuple[Callable[[Issuer], str], str]] = {
    "empty": (lambda _: "....", NOT_A_JWT),
    "no JWT at all": (lambda _: "ya29.an-access-token", NOT_A_JWT),
    "JWE": (encrypted, NOT_A_JWT),
    "longer than 20,000 characters": (lambda i: i.token(padding="x" * 20_000), NOT_A_JWT),
    "white space": (lambda i: i.token() + "\n", NOT_A_JWT),
    "alg none": (lambda i: unsigned(i, {"alg": "none", "kid": "first"}), NOT_A_JWT),
    "alg none with a signature": (
        lambda i: unsigned(i, {"alg": "none", "kid": "first"}, "AAAA"),
        NOT_ACCEPTED,
    ),
    "alg nOnE": (lambda i: unsigned(i, {"alg": "nOnE", "kid": "first"}, "AAAA"), NOT_ACCEPTED),
    "alg missing": (lambda i: unsigned(i, {"kid": "first"}, "AAAA"), NOT_ACCEPTED),
    "alg a list": (lambda i: unsigned(i, {"alg": ["RS256"], "kid": "first"}, "AAAA"), NOT_ACCEPTED),
    "HS256 with the public key": (with_public_key_as_secret, NOT_ACCEPTED),
    "PS256": (lambda i: i.token({"alg": "PS256"}), NOT_ACCEPTED),
    "crit": (lambda i: unsigned(i, {"alg": "RS256", "kid": "first", "crit": ["exp"]}, "AAAA"), NOT_ACCEPTED),
    "b64 false": (
        lambda i: unsigned(i, {"alg": "RS256", "kid": "first", "b64": False}, "AAAA"),
        NOT_ACCEPTED,
    ),
    "no kid": (lambda i: i.token({"kid": None}), "Missing a required header: kid"),
    "kid that the issuer does not have": (lambda i: i.token({"kid": "other"}), NO_KEY),
    "kid of a file": (lambda i: i.token({"kid": "../../dev/null"}), NO_KEY),
    "stranger's key": (own_key, BAD_SIGNATURE),
    "embedded jwk": (lambda i: own_key(i, jwk=PUBLIC), BAD_SIGNATURE),
    "jku": (lambda i: own_key(i, jku="https://evil.example/keys"), BAD_SIGNATURE),
    "x5u": (lambda i: own_key(i, x5u="https://evil.example/cert"), BAD_SIGNATURE),
    "tampered claims": (tampered, BAD_SIGNATURE),
    "empty signature bytes": (lambda i: unsigned(i, {"alg": "RS256", "kid": "first"}, "AA"), BAD_SIGNATURE),
    "ES256 with an RSA key's id": (lambda i: elliptic(i, "first"), BAD_SIGNATURE),
    "RS256 with a curve key's id": (lambda i: i.token({"kid": "curved"}), BAD_SIGNATURE),
    "duplicate claim": (duplicate_claim, NOT_A_JWT),
    "claims not an object": (lambda i: i.sign("[1]"), NOT_A_JWT),
    "half a surrogate pair": (lambda i: i.token(amr=["\ud800"]), NOT_A_JWT),
    "half a surrogate pair as a name": (lambda i: i.token(**{"\udfff": 1}), NOT_A_JWT),
    "NaN": (lambda i: i.sign('{"exp": NaN}'), NOT_A_JWT),
    "deep nesting": (lambda i: i.sign('{"a":' + "[" * 3000 + "]" * 3000 + "}"), NOT_A_JWT),
    "a number of 5000 digits": (lambda i: i.sign('{"exp":' + "9" * 5000 + "}"), NOT_A_JWT),
    "http issuer": (lambda i: i.token(iss=i.url.replace("https", "http")), "Issuer must be a valid URL"),
    "no issuer": (lambda i: i.token(iss=None), "Issuer must be a valid URL"),
    "no exp": (lambda i: i.token(exp=None), "Missing a required claim: exp"),
    "no iat": (lambda i: i.token(iat=None), "Missing a required claim: iat"),
    "no sub": (lambda i: i.token(sub=None), "Missing a required claim: sub"),
    "exp a text": (lambda i: i.token(exp="9999999999"), "The exp claim is not a time."),
    "exp true": (lambda i: i.token(exp=True), "The exp claim is not a time."),
    "exp negative": (lambda i: i.token(exp=-1), "The exp claim is not a time."),
    "sub a list": (lambda i: i.token(sub=[SUBJECT]), "Missing a required claim: sub"),
    "aud of somebody else": (lambda i: i.token(aud="other"), AUDIENCE_WRONG),
    "aud several": (lambda i: i.token(aud=["sts.amazonaws.com", "other"]), AUDIENCE_WRONG),
    "aud missing": (lambda i: i.token(aud=None), AUDIENCE_WRONG),
    "aud in another case": (lambda i: i.token(aud="STS.amazonaws.com"), AUDIENCE_WRONG),
    "amr of 101 values": (
        lambda i: i.token(amr=["x"] * 101),
        "The amr claim is neither a text nor a list of at most 100.",
    ),
    "amr with a number": (
        lambda i: i.token(amr=["x", 1]),
        "The amr claim is neither a text nor a list of at most 100.",
    ),
    "email an object": (
        lambda i: i.token(email={"a": "b"}),
        "The email claim is neither a text nor a list of at most 100.",
    ),
    "azp of somebody else": (lambda i: i.token(azp="other"), AUDIENCE_WRONG),
}


def refusal(verifier: Verifier, house: House, token: str) -> AwsError:
    """How a token is refused."""
    with pytest.raises(AwsError) as caught:
        verifier.web_identity(token, ROLE, house.store.snapshot(), house.clock())
    return caught.value


@pytest.mark.parametrize("defect", FORGED)
def test_forged(trusting: House, issuer: Issuer, defect: str) -> None:
    """What the issuer did not sign, for us and for now, is an InvalidIdentityToken."""
    make, text = FORGED[defect]
    error = refusal(trusting.gateway.verifier, trusting, make(issuer))
    assert (error.code, error.message, error.status) == ("InvalidIdentityToken", text, 400)


def test_good_token(trusting: House, issuer: Issuer) -> None:
    """What the forged ones are forged from is accepted, by either sort of key."""
    for token in (
        issuer.token(),
        elliptic(issuer, "curved"),
        issuer.token(aud=["sts.amazonaws.com"]),
        issuer.token(name="🦀"),  # a whole pair
    ):
        caller = trusting.gateway.verifier.web_identity(
            token, ROLE, trusting.store.snapshot(), trusting.clock()
        )
        assert caller.federation is not None
        assert caller.federation.subject == SUBJECT


@pytest.mark.parametrize("account", ["999999999999", "not-an-account"])
def test_account_that_does_not_trust_the_issuer(trusting: House, issuer: Issuer, account: str) -> None:
    """A good token is worth nothing where its issuer is no provider."""
    with pytest.raises(AwsError, match="No OpenIDConnect provider found in your account for https://"):
        trusting.gateway.verifier.web_identity(
            issuer.token(), f"arn:aws:iam::{account}:role/x", trusting.store.snapshot(), trusting.clock()
        )


@pytest.mark.parametrize("change", ["/", "/realm", "?x", "#"])
def test_issuer_that_is_only_similar(trusting: House, issuer: Issuer, change: str) -> None:
    """The issuer is compared letter by letter."""
    error = refusal(trusting.gateway.verifier, trusting, issuer.token(iss=issuer.url + change))
    assert error.message == f"No OpenIDConnect provider found in your account for {issuer.url}{change}"


def test_times(trusting: House, issuer: Issuer) -> None:
    """Five minutes beyond `exp` are given, not a second more; what begins in the future is refused."""
    verifier, now = trusting.gateway.verifier, int(trusting.clock().timestamp())
    error = refusal(verifier, trusting, issuer.token(exp=now - 301))
    assert error.code == "ExpiredTokenException"
    assert error.message.startswith("Token expired: current date/time ")
    soon = issuer.token(exp=now - 200, iat=now + 200, nbf=now + 200)
    verifier.web_identity(soon, ROLE, trusting.store.snapshot(), trusting.clock())
    for claims in ({"iat": now + 400}, {"nbf": now + 400}):
        assert refusal(verifier, trusting, issuer.token(**claims)).code == "InvalidIdentityToken"
