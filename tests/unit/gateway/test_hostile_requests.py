"""Hostile requests at the one door, in the query and the JSON protocol: each is refused in its words."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from masugata.gateway import Gateway
from masugata.identity.caller import CallerKind, Session
from masugata.identity.session_tokens import seal_session
from masugata.services import SERVICES
from masugata.wire import HttpRequest, HttpResponse, load_service
from masugata.wire.sigv4._signature import S3_SIGNING_NAMES
from policies import allow
from support import ACCOUNT, House
from unit.gateway.people import user
from unit.gateway.strict import KINDS, NOW, Strict
from unit.wire.sigv4_client import ECDSA, HMAC, Key, sign


@pytest.fixture
def house(tmp_path: Path) -> Strict:
    """An installation of the test's own."""
    return Strict(tmp_path)


def said(answer: HttpResponse) -> tuple[str, int]:
    """Code and status of an error in either protocol."""
    if answer.body.startswith(b"<"):
        return ET.fromstring(answer.body).findtext(".//{*}Code") or "", answer.status
    return json.loads(answer.body)["__type"], answer.status


def events(house: House, region: str) -> list[Any]:
    """The names of the calls that the log has in a Region."""
    return [json.loads(row.body)["eventName"] for row in house.store.events(ACCOUNT, region)]


def late(house: Strict, service: str) -> HttpRequest:
    house.now = NOW + timedelta(seconds=901)
    return house.sign(service)


def early(house: Strict, service: str) -> HttpRequest:
    house.now = NOW - timedelta(seconds=901)
    return house.sign(service)


def wrong_secret(house: Strict, service: str) -> HttpRequest:
    return house.sign(service, Key(house.key.id, "x" * 40))


def unknown_key(house: Strict, service: str) -> HttpRequest:
    return house.sign(service, Key("AKIAQAAAAAAAAAAAAAAA", "x" * 40))


def invented_token(house: Strict, service: str) -> HttpRequest:
    return house.sign(service, Key(*house.admin, token="x" * 400))


def expired_token(house: Strict, service: str) -> HttpRequest:
    issued = int(NOW.timestamp()) - 7200
    session = Session(
        kind=CallerKind.ROOT,
        account=ACCOUNT,
        access_key_id="ASIAROOTROOTROOTROOT",
        secret="s" * 40,
        issuer_id=ACCOUNT,
        issued=issued,
        expires=issued + 3600,
    )
    token = seal_session(session, house.keeper)
    return house.sign(service, Key(session.access_key_id, session.secret, token))


def unsigned(_house: Strict, service: str) -> HttpRequest:
    return KINDS[service]


def half_signed(house: Strict, service: str) -> HttpRequest:
    request = house.sign(service)
    if service == "iam":
        return msgspec.structs.replace(request, query=request.query.partition("&X-Amz-Signature")[0])
    name, value = request.headers[-1]
    headers = (*request.headers[:-1], (name, value.partition(", Signature")[0]))
    return msgspec.structs.replace(request, headers=headers)


def other_body(house: Strict, service: str) -> HttpRequest:
    request = house.sign(service)
    return msgspec.structs.replace(
        request, body=request.body + (b" " if service == "cloudtrail" else b"&X=1")
    )


@pytest.mark.parametrize(
    ("hostile", "query", "json_1_1"),
    [
        (late, ("SignatureDoesNotMatch", 403), ("InvalidSignatureException", 400)),
        (early, ("SignatureDoesNotMatch", 403), ("InvalidSignatureException", 400)),
        (wrong_secret, ("SignatureDoesNotMatch", 403), ("InvalidSignatureException", 400)),
        (other_body, ("SignatureDoesNotMatch", 403), ("InvalidSignatureException", 400)),
        (unknown_key, ("InvalidClientTokenId", 403), ("UnrecognizedClientException", 400)),
        (invented_token, ("InvalidClientTokenId", 403), ("UnrecognizedClientException", 400)),
        (expired_token, ("ExpiredToken", 403), ("ExpiredTokenException", 400)),
        (unsigned, ("MissingAuthenticationToken", 403), ("MissingAuthenticationTokenException", 400)),
        (half_signed, ("IncompleteSignature", 400), ("IncompleteSignatureException", 400)),
    ],
)
@pytest.mark.parametrize("service", KINDS)
def test_refused_in_the_words_of_the_protocol(
    house: Strict, service: str, hostile: Any, query: tuple[str, int], json_1_1: tuple[str, int]
) -> None:
    """Each has the code by which SDKs know what to do, and leaves nothing in the log."""
    assert said(house.send(hostile(house, service))) == (json_1_1 if service == "cloudtrail" else query)
    assert events(house, "eu-west-1") == events(house, "us-east-1") == []


@pytest.mark.parametrize("algorithm", [HMAC, ECDSA])
@pytest.mark.parametrize("service", KINDS)
def test_signed_in_time(house: Strict, service: str, algorithm: str) -> None:
    """The same calls, rightly signed with either algorithm, are answered."""
    assert house.send(house.sign(service, algorithm=algorithm)).status == 200


@pytest.mark.parametrize("service", ["sts", "iam", "cloudtrail"])
def test_another_services_scope(house: Strict, service: str) -> None:
    """SigV4a's scope has no Region, and names its service all the same."""
    other = "iam" if service != "iam" else "sts"
    request = sign(KINDS[service], house.key, service=other, region="*", now=NOW, algorithm=ECDSA)
    assert house.send(request).status in (400, 403)


# --- Regions


@pytest.mark.parametrize(
    ("region_set", "region"),
    [
        ("eu-west-1", "eu-west-1"),
        ("*", "us-east-1"),
        ("us-*", "us-east-1"),
        ("eu-west-1,us-east-1", "us-east-1"),
        ("eu-west-1, eu-west-1", "eu-west-1"),
        ("eu-west-1,eu-central-1", None),
        ("eu-*", None),
        ("us-east-1*", "us-east-1"),
        ("us-east-1-x,us-east-2", None),
    ],
)
def test_region_of_a_region_set(house: Strict, region_set: str, region: str | None) -> None:
    """A set of one Region is that Region, any other is the default one or nothing."""
    answer = house.send(house.sign("cloudtrail", region=region_set, algorithm=ECDSA))
    if region is None:
        assert said(answer) == ("InvalidSignatureException", 400)
        return
    assert answer.status == 200
    assert events(house, region) == ["LookupEvents"]


@pytest.mark.parametrize(
    "region_set", ["", ",", "eu-west-1,", "eu_west_1", "EU-WEST-1", "*-west-1", "e*-1", "a" * 65, "a," * 600]
)
def test_region_set_that_is_none(house: Strict, region_set: str) -> None:
    """What is not a list of Regions is refused, though it is signed."""
    answer = house.send(house.sign("cloudtrail", region=region_set, algorithm=ECDSA))
    assert said(answer) == ("InvalidSignatureException", 400)


def test_region_set_does_not_pass_a_policy(house: Strict) -> None:
    """`aws:RequestedRegion` is one Region, the one that is acted in: no set makes an Allow wider."""
    only_ireland = allow("cloudtrail:*", StringEquals={"aws:RequestedRegion": "eu-west-1"})
    house.gateway, strict = house_of_any_time(house), house.gateway
    bob = Key(*user(house, "bob", only_ireland))
    house.gateway = strict
    for region_set, status in (
        ("eu-west-1", 200),
        ("*", 400),
        ("eu-west-1,us-east-1", 400),
        ("us-east-1", 400),
    ):
        answer = house.send(house.sign("cloudtrail", bob, region=region_set, algorithm=ECDSA))
        assert answer.status == status
        if status != 200:
            assert said(answer)[0] == "AccessDeniedException"


def house_of_any_time(house: House) -> Gateway:
    """A gateway for clients that sign with the real time."""
    return Gateway(house.store, house.keeper, clock=house.clock, random=os.urandom, skew_seconds=10**9)


# --- paths


@pytest.mark.parametrize("path", ["//", "/./", "/a/..", "/a/../"])
def test_path_is_read_as_it_was_signed(house: Strict, path: str) -> None:
    """A path that means `/` is `/`: SDKs write such, and sign the normal form."""
    request = msgspec.structs.replace(house.sign("sts"), path=path)
    assert house.send(request).status == 200


def test_no_service_is_signed_as_s3_is() -> None:
    """Paths are normalised at the door, which S3's must not be: let nobody serve it unaware."""
    assert S3_SIGNING_NAMES.isdisjoint(load_service(name).signing_name for name in SERVICES)
