"""GetWebIdentityToken: what a token says, who may ask for one, and which key signs it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from joserfc import jwt
from joserfc.jwk import KeySet

from masugata.identity.issuer import PUBLISHED_FOR, SIGNS_FOR, published_keys
from masugata.records.iam import ONE_PER_ACCOUNT, OUTBOUND_FEDERATION
from masugata.services import SERVICES
from organizations import ID, organize
from policies import allow, deny, document
from support import ACCOUNT, House
from unit.gateway.people import user

OWN = "https://sts.amazonaws.com/"
ASKED: dict[str, Any] = {"Audience": ["https://api.example.com"], "SigningAlgorithm": "ES384"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An account that issues tokens."""
    house = House(tmp_path)
    house.client("iam").enable_outbound_web_identity_federation()
    return house


def claims(house: House, token: str) -> dict[str, Any]:
    """The claims of a token that one of the published keys signed."""
    record = house.store.snapshot().get(OUTBOUND_FEDERATION, ACCOUNT, ONE_PER_ACCOUNT)
    assert record is not None
    keys = KeySet.import_key_set(
        {"keys": [dict(key.public) for key in published_keys(record, house.clock())]}
    )
    return dict(jwt.decode(token, keys, algorithms=["RS256", "ES384"]).claims)


def asked(house: House, sts: Any, **members: Any) -> dict[str, Any]:
    """The claims of a new token."""
    return claims(house, sts.get_web_identity_token(**{**ASKED, **members})["WebIdentityToken"])


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    """The code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def role_session(house: House, *statements: Any, **members: Any) -> Any:
    """A client of a role's session, which is tagged and has a source identity."""
    iam = house.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    }
    made = iam.create_role(
        RoleName="Job",
        Path="/batch/",
        AssumeRolePolicyDocument=document(trust),
        Tags=[{"Key": "team", "Value": "data"}, {"Key": "stage", "Value": "test"}],
    )
    iam.put_role_policy(RoleName="Job", PolicyName="p", PolicyDocument=document(*statements))
    answer = house.client("sts").assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="night", **members)[
        "Credentials"
    ]
    key = (answer["AccessKeyId"], answer["SecretAccessKey"])
    return house.client("sts", key, token=answer["SessionToken"], region="ap-northeast-1"), answer


def test_claims_of_a_role_session(house: House) -> None:
    """The role with its path, its tags under the session's, the session's end and source identity."""
    organize(house)
    sts, credentials = role_session(
        house, allow(), Tags=[{"Key": "Team", "Value": "night"}], SourceIdentity="hanako"
    )
    found = asked(house, sts, Tags=[{"Key": "job", "Value": "7"}], DurationSeconds=900)
    issuer = house.client("iam").get_outbound_web_identity_federation_info()["IssuerIdentifier"]
    assert (found["iss"], found["aud"]) == (issuer, "https://api.example.com")
    assert found["sub"] == f"arn:aws:iam::{ACCOUNT}:role/batch/Job"
    assert found["exp"] - found["iat"] == 900
    assert found[OWN] == {
        "aws_account": ACCOUNT,
        "source_region": "ap-northeast-1",
        "org_id": ID,
        "principal_tags": {"Team": "night", "stage": "test"},
        "original_session_exp": credentials["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source_identity": "hanako",
        "request_tags": {"job": "7"},
    }


def test_several_audiences(house: House) -> None:
    """One audience is a text, several are a list; no two tokens have the same id."""
    sts = house.client("sts")
    first, second = (asked(house, sts, Audience=["a", "b"]) for _ in range(2))
    assert first["aud"] == ["a", "b"]
    assert first["jti"] != second["jti"]


def test_a_token_does_not_outlive_its_session(house: House) -> None:
    """A session's last token ends with it."""
    sts, _ = role_session(house, allow(), DurationSeconds=900)
    asked(house, sts, DurationSeconds=890)
    code, _ = refused(sts.get_web_identity_token, **ASKED, DurationSeconds=901)
    assert code == "SessionDurationEscalationException"


def test_only_while_enabled(house: House) -> None:
    """Without the feature there are no tokens; what was issued is still verified, and the issuer stays."""
    iam, sts = house.client("iam"), house.client("sts")
    token = sts.get_web_identity_token(**ASKED)["WebIdentityToken"]
    iam.disable_outbound_web_identity_federation()
    assert refused(sts.get_web_identity_token, **ASKED)[0] == "OutboundWebIdentityFederationDisabledException"
    before = claims(house, token)
    iam.enable_outbound_web_identity_federation()
    assert asked(house, sts)["iss"] == before["iss"]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"SigningAlgorithm": "HS256"}, "[RS256, ES384]"),
        ({"SigningAlgorithm": "none"}, "signingAlgorithm"),
        ({"Audience": []}, "audience"),
        ({"Audience": ["a"] * 11}, "audience"),
        ({"DurationSeconds": 59}, "durationSeconds"),
        ({"DurationSeconds": 3601}, "durationSeconds"),
    ],
)
def test_bad_requests(house: House, members: dict[str, Any], text: str) -> None:
    """AWS's limits, and no algorithm but the two."""
    code, message = refused(house.client("sts").get_web_identity_token, **{**ASKED, **members})
    assert code == "ValidationError"
    assert text in message


def test_too_many_tags(house: House) -> None:
    """A payload that would not fit into a header is refused."""
    tags = [{"Key": f"key-{n:02}", "Value": "v" * 256} for n in range(50)]
    code, _ = refused(house.client("sts").get_web_identity_token, **ASKED, Tags=tags)
    assert code == "JWTPayloadSizeExceededException"


def test_conditions(house: House) -> None:
    """Policies can limit audience, duration and algorithm; a duration that is left out is 300 seconds."""
    limits = allow(
        "sts:GetWebIdentityToken",
        **{
            "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": "https://api.example.com"},
            "NumericLessThanEquals": {"sts:DurationSeconds": "300"},
            "StringEquals": {"sts:SigningAlgorithm": "ES384"},
        },
    )
    sts = house.client("sts", user(house, "alice", limits))
    asked(house, sts)
    asked(house, sts, DurationSeconds=60)
    for members in (
        {"Audience": ["https://api.example.com", "https://evil.example"]},
        {"DurationSeconds": 301},
        {"SigningAlgorithm": "RS256"},
        {"Tags": [{"Key": "a", "Value": "b"}]},
    ):
        assert refused(sts.get_web_identity_token, **{**ASKED, **members})[0] == "AccessDenied", members


def test_tags_need_their_own_permission(house: House) -> None:
    """Who may pass tags may be kept from some."""
    statements = [
        allow(["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"]),
        deny("sts:TagGetWebIdentityToken", StringEquals={"aws:RequestTag/admin": "true"}),
    ]
    sts = house.client("sts", user(house, "alice", *statements))
    assert asked(house, sts, Tags=[{"Key": "a", "Value": "b"}])[OWN]["request_tags"] == {"a": "b"}
    assert (
        refused(sts.get_web_identity_token, **ASKED, Tags=[{"Key": "admin", "Value": "true"}])[0]
        == "AccessDenied"
    )


def test_keys_are_replaced(house: House) -> None:
    """An old key is followed by a new one of its algorithm, stays published for a day, and goes."""
    sts = house.client("sts")

    def keys(algorithm: str) -> list[str]:
        record = house.store.snapshot().get(OUTBOUND_FEDERATION, ACCOUNT, ONE_PER_ACCOUNT)
        assert record is not None
        return [key.id for key in published_keys(record, house.clock()) if key.algorithm == algorithm]

    token = sts.get_web_identity_token(**ASKED)["WebIdentityToken"]
    (first,), (rsa,) = keys("ES384"), keys("RS256")
    house.clock.offset = SIGNS_FOR + timedelta(minutes=1)
    assert keys("ES384") == [first]
    sts.get_web_identity_token(**ASKED)
    old, second = keys("ES384")
    assert (old, keys("RS256")) == (first, [rsa])
    sts.get_web_identity_token(**ASKED)
    assert keys("ES384") == [first, second]
    assert claims(house, token)["jti"]
    house.clock.offset += PUBLISHED_FOR
    assert keys("ES384") == [second]


def test_private_keys_are_sealed(house: House) -> None:
    """What is stored opens for the account and key that it belongs to, and nowhere else."""
    record = house.store.snapshot().get(OUTBOUND_FEDERATION, ACCOUNT, ONE_PER_ACCOUNT)
    assert record is not None
    for key in record.keys:
        assert set(key.public) & {"d", "p", "q", "dp", "dq", "qi", "k"} == set()
        opened = house.keeper.unseal("web-identity-key", key.secret, f"{ACCOUNT}/{key.id}".encode())
        assert opened not in key.secret


def test_tokens_are_not_in_events(house: House) -> None:
    """Who reads the events cannot be who asked for the token."""
    token = house.client("sts").get_web_identity_token(**ASKED)["WebIdentityToken"]
    rows = house.store.events(ACCOUNT, "us-east-1", attribute=("EventName", "GetWebIdentityToken"))
    assert len(rows) == 1
    assert token.encode() not in rows[0].body


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Any]) -> None:
    """Let something happen once, between the look-up of a key and the transaction that signs."""
    operation = SERVICES["sts"]["GetWebIdentityToken"]
    waiting = [happens]

    def prepare(call: Any, request: Any) -> Any:
        assert operation.prepare is not None
        found = operation.prepare(call, request)
        if waiting:
            waiting.pop()()
        return found

    monkeypatch.setitem(SERVICES["sts"], "GetWebIdentityToken", operation._replace(prepare=prepare))


def test_two_calls_replace_a_key_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one's key is the account's, and both tokens are signed with it."""
    sts, tokens = house.client("sts"), []
    house.clock.offset = SIGNS_FOR + timedelta(minutes=1)
    meanwhile(monkeypatch, lambda: tokens.append(sts.get_web_identity_token(**ASKED)["WebIdentityToken"]))
    tokens.append(sts.get_web_identity_token(**ASKED)["WebIdentityToken"])
    assert len({claims(house, token)["jti"] for token in tokens}) == 2
    record = house.store.snapshot().get(OUTBOUND_FEDERATION, ACCOUNT, ONE_PER_ACCOUNT)
    assert record is not None
    assert [key.algorithm for key in record.keys].count("ES384") == 2


def test_disabled_meanwhile(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was disabled before the token is signed is disabled."""
    meanwhile(monkeypatch, house.client("iam").disable_outbound_web_identity_federation)
    code, _ = refused(house.client("sts").get_web_identity_token, **ASKED)
    assert code == "OutboundWebIdentityFederationDisabledException"
