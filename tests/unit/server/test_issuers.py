"""What issuers of tokens publish, and that there is nothing else to be had at their addresses."""

import pytest

from organizations import close_account
from support import ACCOUNT
from unit.server.asking import Asker


@pytest.fixture
def asker(tmp_path):
    """A server whose account issues tokens."""
    asker = Asker(tmp_path)
    asker.house.client("iam").enable_outbound_web_identity_federation()
    return asker


def issuer(asker):
    """The path of the account's issuer."""
    info = asker.house.client("iam").get_outbound_web_identity_federation_info()
    return info["IssuerIdentifier"].removeprefix("http://localhost:4566")


def get(asker, path, method="GET"):
    """The answer to an unsigned request."""
    return asker.ask(method=method, target=path.encode())


def test_documents(asker):
    """Anybody reads them, and may keep them for five minutes."""
    path = issuer(asker)
    provider = get(asker, f"{path}/.well-known/openid-configuration")
    assert provider.status == 200
    assert provider.json == {
        "issuer": f"http://localhost:4566{path}",
        "jwks_uri": f"http://localhost:4566{path}/.well-known/jwks.json",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES384"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"],
    }
    keys = get(asker, f"{path}/.well-known/jwks.json")
    assert {key["alg"] for key in keys.json["keys"]} == {"RS256", "ES384"}


def test_documents_of_a_disabled_issuer(asker):
    """They stay: its last tokens are verified until they expire."""
    path = issuer(asker)
    asker.house.client("iam").disable_outbound_web_identity_federation()
    assert get(asker, f"{path}/.well-known/jwks.json").status == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path,
        lambda path: f"{path}/",
        lambda path: f"{path}/.well-known/openid-configuration/",
        lambda path: f"{path}/.well-known/jwks_json",
        lambda path: f"{path[:-1]}/.well-known/jwks.json",
        lambda path: f"{path[:-1]}0a/.well-known/jwks.json",
        lambda _: "/_masugata/oidc/00000000-0000-4000-8000-000000000000/.well-known/jwks.json",
        lambda _: "/_masugata/oidc/../oidc//.well-known/jwks.json",
    ],
)
def test_nothing_else(asker, change):
    """Any other path is not found."""
    assert get(asker, change(issuer(asker))).status == 404


def test_not_to_be_written(asker):
    """Only GET and HEAD."""
    path = f"{issuer(asker)}/.well-known/jwks.json"
    assert get(asker, path, "HEAD").status == 200
    assert get(asker, path, "POST").status == 404


def test_the_host_of_public_url_is_served(tmp_path):
    """Whoever verifies a token comes by that name, which need not be allowed a second time."""
    asker = Asker(tmp_path, public_url="https://iam.example.com/aws")
    for host, status in ((b"iam.example.com", 404), (b"other.example.com", 421)):
        path = "/_masugata/oidc/none"
        answer = asker.ask([(b"host", host)], method="GET", target=path.encode())
        assert answer.status == status


def test_documents_of_a_closed_account(asker):
    """There are none: nobody of it can have got a token that is to be believed."""
    path = issuer(asker)
    close_account(asker.house, ACCOUNT)
    for name in ("openid-configuration", "jwks.json"):
        assert get(asker, f"{path}/.well-known/{name}").status == 404
