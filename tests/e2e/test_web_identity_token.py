"""Tokens of GetWebIdentityToken, verified as a service outside does: with the issuer's URL alone."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet


@pytest.fixture(scope="module")
def issuer(server) -> str:
    """The account's issuer."""
    return str(server.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"])


def fetched(url: str) -> dict[str, Any]:
    """A JSON document, without any credentials."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("content-type")) == (200, "application/json")
        return dict(json.load(answer))
    finally:
        connection.close()


def verified(token: str, issuer: str, audience: str) -> dict[str, Any]:
    """The claims of a token, as a relying party that trusts `issuer` accepts them."""
    provider = fetched(f"{issuer}/.well-known/openid-configuration")
    assert provider["issuer"] == issuer
    keys = KeySet.import_key_set(fetched(provider["jwks_uri"]))
    algorithms = provider["id_token_signing_alg_values_supported"]
    decoded = jwt.decode(token, keys, algorithms=algorithms)
    registry = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        iat={"essential": True},
    )
    registry.validate(decoded.claims)
    return dict(decoded.claims)


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_a_relying_party_accepts_the_token(server, issuer, algorithm):
    """Through discovery, a JWT library finds the keys and takes the claims for those of the caller."""
    sts = server.client("sts", region="eu-west-1")
    answer = sts.get_web_identity_token(Audience=["https://api.example.com"], SigningAlgorithm=algorithm)
    claims = verified(answer["WebIdentityToken"], issuer, "https://api.example.com")
    assert claims["sub"] == f"arn:aws:iam::{server.account}:user/admin"
    assert claims["https://sts.amazonaws.com/"] == {
        "aws_account": server.account,
        "source_region": "eu-west-1",
    }
    assert claims["exp"] - claims["iat"] == 300
    assert claims["exp"] == int(answer["Expiration"].timestamp())


def test_a_changed_token_is_refused(server, issuer):
    """Another subject under the same signature does not verify."""
    sts = server.client("sts")
    token = sts.get_web_identity_token(Audience=["a"], SigningAlgorithm="ES384")["WebIdentityToken"]
    other = sts.get_web_identity_token(Audience=["b"], SigningAlgorithm="ES384")["WebIdentityToken"]
    header, _, signature = token.split(".")
    with pytest.raises(BadSignatureError):
        verified(f"{header}.{other.split('.')[1]}.{signature}", issuer, "b")


def test_private_keys_are_not_published(issuer):
    """The key set has the public members of its keys and no others."""
    keys = fetched(f"{issuer}/.well-known/jwks.json")["keys"]
    members = {key["kty"]: set(key) for key in keys}
    assert members == {
        "RSA": {"kty", "alg", "use", "kid", "n", "e"},
        "EC": {"kty", "alg", "use", "kid", "crv", "x", "y"},
    }
