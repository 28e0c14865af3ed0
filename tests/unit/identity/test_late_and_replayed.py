"""Requests that are late, early, or sent again, there or elsewhere: each kind, signed in every way."""

from datetime import datetime, timedelta

import msgspec
import pytest

from masugata.records.iam import USER
from unit.identity.signed import (
    NOW,
    PLAIN,
    WAYS,
    SignersDoor,
    Way,
    with_authorization,
    with_header,
)
from unit.wire.sigv4_client import ECDSA

INVALID = "The security token included in the request is invalid."


def at(seconds: float) -> datetime:
    """So many seconds after the moment of signing."""
    return NOW + timedelta(seconds=seconds)


def test_signed_in_every_way(guarded: SignersDoor, way: Way) -> None:
    """What nobody touched is admitted, and is alice's."""
    assert guarded.admit(guarded.sign(way)).entity_name == "alice"


# --- time


@pytest.mark.parametrize(
    ("seconds", "good"), [(-900.001, False), (-900, True), (0, True), (900, True), (900.001, False)]
)
def test_skew_has_exact_edges(guarded: SignersDoor, seconds: float, good: bool) -> None:
    """A signature in headers is good for a quarter of an hour both ways, to the last moment."""
    for way in WAYS:
        request = guarded.sign(way, expires=900)
        if good:
            guarded.admit(request, at(seconds))
        else:
            error = guarded.refuse(request, at(seconds))
            assert error.code == "SignatureDoesNotMatch"
            assert error.message.startswith(
                "Signature expired: " if seconds > 0 else "Signature not yet current: "
            )


@pytest.mark.parametrize("expires", [1, 60, 604_800])
def test_presigned_request_ends_with_its_expires(guarded: SignersDoor, way: Way, expires: int) -> None:
    """A presigned request is good to its last second, however long or short, and over after it."""
    if not way.presigned:
        return
    request = guarded.sign(way, expires=expires)
    guarded.admit(request, at(expires))
    assert "Signature expired: " in guarded.refuse(request, at(expires + 0.001)).message


@pytest.mark.parametrize("expires", [0, -1, 604_801, 10**20])
def test_expires_that_cannot_be(guarded: SignersDoor, way: Way, expires: int) -> None:
    """Less than a second or more than a week is refused, though rightly signed."""
    if way.presigned:
        error = guarded.refuse(guarded.sign(way, expires=expires))
        assert (error.code, error.status) == ("IncompleteSignature", 400)


@pytest.mark.parametrize("day", ["20251231", "20260102", "2026011", "", "20260101T001000Z"])
def test_scope_of_another_day(guarded: SignersDoor, way: Way, day: str) -> None:
    """The scope's day is the day of signing: a key derived for another day signs nothing today."""
    middle = ("" if way.algorithm == ECDSA else "eu-west-1/") + "iam/aws4_request"
    error = guarded.refuse(guarded.sign(way, scope=f"{day}/{middle}"))
    assert error.code == "SignatureDoesNotMatch"
    assert "Date in Credential scope does not match YYYYMMDD" in error.message


def test_signed_just_before_midnight(guarded: SignersDoor, way: Way) -> None:
    """A signature of the day before counts until its time is over."""
    before = datetime.fromisoformat("20251231T235959Z")
    request = guarded.sign(way, now=before, expires=900)
    guarded.admit(request, before + timedelta(seconds=900))
    guarded.refuse(request, before + timedelta(seconds=901))


# --- replay


def test_replay_within_the_time(guarded: SignersDoor, way: Way) -> None:
    """As at AWS, the same request is good again until its time is over; then it is refused."""
    request = guarded.sign(way, expires=900)
    for seconds in (0, 0, 450, 900):
        guarded.admit(request, at(seconds))
    guarded.refuse(request, at(901))


def test_replay_after_the_user_is_gone(guarded: SignersDoor, way: Way) -> None:
    """A replay is judged on the state of its moment."""
    request = guarded.sign(way)
    guarded.admit(request)
    guarded.world.delete(USER, "alice")
    assert guarded.refuse(request).code == "InvalidClientTokenId"


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"headers": (("host", "other:4566"), *PLAIN.headers[1:])},
        {"headers": (("host", "localhost"), *PLAIN.headers[1:])},
        {"path": "/other"},
        {"path": ""},
        {"method": "GET"},
        {"method": "post"},
        {"body": b""},
        {"body": PLAIN.body + b"&PathPrefix=%2F"},
        {"query": ""},
        {"query": "x=2&y=1"},
    ],
    ids=str,
)
def test_replay_elsewhere(guarded: SignersDoor, way: Way, elsewhere: dict[str, str]) -> None:
    """The signature of one request does not fit another host, path, method, body or query."""
    request = guarded.sign(way)
    changed = guarded.sign(way, msgspec.structs.replace(PLAIN, **elsewhere))
    if elsewhere == {"path": ""}:  # the empty path is the root's
        guarded.admit(msgspec.structs.replace(request, path=""))
        return
    if way.presigned:
        signature = request.query.partition("X-Amz-Signature=")[2]
        other = changed.query.partition("X-Amz-Signature=")[0]
        mixed = msgspec.structs.replace(changed, query=f"{other}X-Amz-Signature={signature}")
    else:
        mixed = with_header(changed, "authorization", request.header("authorization"))
    assert guarded.refuse(mixed).code == "SignatureDoesNotMatch"
    guarded.admit(changed)


def test_replay_at_another_service(guarded: SignersDoor, way: Way) -> None:
    """A signature for STS is refused at IAM, and one whose scope says IAM is not IAM's."""
    request = guarded.sign(way, service="sts")
    error = guarded.refuse(request)
    assert error.message == "Credential should be scoped to correct service: 'iam'."
    slash = "%2F" if way.presigned else "/"
    assert (
        "does not match the signature"
        in guarded.refuse(
            with_authorization(request, f"sts{slash}aws4_request", f"iam{slash}aws4_request")
        ).message
    )


def test_replay_in_another_region(guarded: SignersDoor, way: Way) -> None:
    """The Region, or the set of Regions, is covered by the signature."""
    request = guarded.sign(way)
    if way == (ECDSA, False, way.temporary):
        changed = with_header(request, "x-amz-region-set", "us-east-1")
    else:
        changed = with_authorization(request, "eu-west-1", "us-east-1")
    assert "does not match the signature" in guarded.refuse(changed).message
