"""What SigV4a has that SigV4 has not: a set of Regions, and signatures that are not unique."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from masugata.wire.message import HttpRequest
from masugata.wire.sigv4 import Signature, check_scope, parse_signature, signing_key, string_to_sign, verify
from unit.wire.sigv4_client import ECDSA, ORDER, Key, private_key, sign
from unit.wire.sigv4_signing import BASE, KEY_ID, NOW, SECRET, incomplete, refused

KEY = Key(KEY_ID, SECRET)
PUBLIC = private_key(KEY).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
PLAIN = HttpRequest(method="POST", path="/", headers=BASE[:1], body=b"{}")


def signed(region: str = "eu-west-1", *, expires: int | None = None) -> HttpRequest:
    """A request signed for these Regions."""
    return sign(PLAIN, KEY, service="kms", region=region, now=NOW, algorithm=ECDSA, expires=expires)


def parsed(request: HttpRequest, **options: str) -> Signature:
    """Its signature."""
    signature = parse_signature(request, **options)
    assert signature is not None
    return signature


def without(request: HttpRequest, name: str) -> HttpRequest:
    """The request without a header or parameter."""
    parts = [part for part in request.query.split("&") if not part.lower().startswith(f"{name}=")]
    headers = tuple(header for header in request.headers if header[0] != name)
    return msgspec.structs.replace(request, query="&".join(parts), headers=headers)


@pytest.mark.parametrize("expires", [None, 60])
def test_signature_is_read_in_full(expires: int | None) -> None:
    """Algorithm, scope and set of Regions are in the value; the scope has no Region."""
    signature = parsed(signed("us-*,eu-west-1", expires=expires))
    assert (signature.algorithm, signature.region_set) == (ECDSA, ("us-*", "eu-west-1"))
    assert (signature.region, signature.scope) == ("us-east-1", "20260101/kms/aws4_request")
    assert (signature.presigned, signature.expires) == (expires is not None, expires)
    check_scope(signature, "kms", regions={"us-east-1"})


def test_default_region_is_the_callers() -> None:
    """A set of several counts for the Region that the installation names."""
    assert parsed(signed("*"), default_region="ap-northeast-1").region == "ap-northeast-1"
    assert parsed(signed("eu-west-1"), default_region="ap-northeast-1").region == "eu-west-1"
    message = refused(lambda: parse_signature(signed("us-*"), "ap-northeast-1"), "SignatureDoesNotMatch", 403)
    assert message == (
        "Credential should be scoped to a valid region: one, or a set that covers 'ap-northeast-1', "
        "not 'us-*'."
    )


@pytest.mark.parametrize("expires", [None, 60])
def test_set_of_regions_is_required(expires: int | None) -> None:
    """Without its Regions a signature would be good everywhere."""
    assert "'X-Amz-Region-Set'" in incomplete(without(signed(expires=expires), "x-amz-region-set"))


def test_one_set_of_regions() -> None:
    """A presigned request has its Regions in the query string, and not in a header too."""
    request = signed(expires=60)
    both = msgspec.structs.replace(request, headers=(*request.headers, ("x-amz-region-set", "*")))
    assert "not both" in incomplete(both)
    only_header = without(both, "x-amz-region-set")
    only_header = msgspec.structs.replace(only_header, headers=both.headers)
    assert "must include 'X-Amz-Region-Set'" in incomplete(only_header)


def test_scope_of_the_other_algorithm() -> None:
    """SigV4a's credential has four parts, SigV4's five."""
    five = sign(
        PLAIN,
        KEY,
        service="kms",
        region="*",
        now=NOW,
        algorithm=ECDSA,
        scope="20260101/eu-west-1/kms/aws4_request",
    )
    assert incomplete(five) == (
        "Credential must have exactly 4 slash-delimited elements, e.g. keyid/date/service/term, "
        "got '***/eu-west-1/kms/aws4_request'"
    )
    four = sign(PLAIN, KEY, service="kms", region="", now=NOW, scope="20260101/kms/aws4_request")
    assert incomplete(four).startswith("Credential must have exactly 5 slash-delimited elements")


def test_secret_in_place_of_the_key_id_is_masked() -> None:
    """Whoever puts the secret where the key id belongs does not get a piece of it back."""
    swapped = Key("wJalrXUtnFEMI/K7MDENG+bPxRf/iCYEXAMPLEKEY", "x")
    message = incomplete(sign(PLAIN, swapped, service="kms", region="*", now=NOW, algorithm=ECDSA))
    assert message.endswith("got '***/20260101/kms/aws4_request'")
    message = incomplete(sign(PLAIN, swapped, service="kms", region="", now=NOW, scope="kms"))
    assert message.endswith("got '***/***/***/kms'")


def test_both_halves_of_s_are_good() -> None:
    """(r, s) and (r, n - s) verify alike: signers make either."""
    request = signed()
    signature = parsed(request)
    r, s = decode_dss_signature(bytes.fromhex(signature.signature))
    for half in (s, ORDER - s):
        text = encode_dss_signature(r, half).hex()
        verify(request, msgspec.structs.replace(signature, signature=text), PUBLIC)


def test_strange_encodings_are_refused() -> None:
    """A signature is DER in lower-case hexadecimal digits, in its one form."""
    request = signed()
    signature = parsed(request)
    good = signature.signature
    r, s = decode_dss_signature(bytes.fromhex(good))
    raw = (r.to_bytes(32, "big") + s.to_bytes(32, "big")).hex()
    long_form = f"3081{good[2:4]}{good[4:]}"
    padded = bytes.fromhex(good)
    for text in (
        good.upper(),
        raw,
        long_form,
        good + "00",
        good[:-2],
        f"{good[:2]} {good[2:]}",
        "*" * 144,
        good.ljust(144, "*"),
        "",
        "\u0663" * 16,
        encode_dss_signature(0, 0).hex().ljust(16, "0"),
        encode_dss_signature(r + ORDER, s).hex(),
        encode_dss_signature(r, s + ORDER).hex(),
        encode_dss_signature(r, 0).hex(),
        b"\x30".hex() + padded[1:].hex()[:-2] + "ff",
    ):
        changed = msgspec.structs.replace(signature, signature=text)
        refused(lambda changed=changed: verify(request, changed, PUBLIC), "SignatureDoesNotMatch", 403)


def test_all_zero_signature_is_refused() -> None:
    """R = s = 0, which careless verifiers have taken for a signature over everything."""
    request = signed()
    for numbers in ((0, 0), (0, 1), (1, 0), (ORDER, ORDER)):
        zero = msgspec.structs.replace(parsed(request), signature=encode_dss_signature(*numbers).hex())
        refused(lambda zero=zero: verify(request, zero, PUBLIC), "SignatureDoesNotMatch", 403)


def test_keys_of_the_wrong_kind_are_refused() -> None:
    """A public key never verifies SigV4, nor a signing key SigV4a: that would be a bug, and no yes."""
    key = signing_key(SECRET, "20260101", "eu-west-1", "kms")
    with pytest.raises(ValueError, match="public key"):
        verify(signed(), parsed(signed()), key)
    plain = sign(PLAIN, KEY, service="kms", region="eu-west-1", now=NOW)
    with pytest.raises(ValueError, match="signing key"):
        verify(plain, parsed(plain), PUBLIC)


def test_region_set_header_beside_sigv4_is_a_header_like_any() -> None:
    """With SigV4 the scope says the Region, whatever else is signed."""
    plain = msgspec.structs.replace(PLAIN, headers=(*PLAIN.headers, ("x-amz-region-set", "*")))
    signature = parsed(sign(plain, KEY, service="kms", region="eu-west-1", now=NOW))
    assert (signature.region, signature.region_set) == ("eu-west-1", ())


def test_two_region_sets_are_refused() -> None:
    """Signed as `us-east-1,eu-west-1` and sent as two headers, a reader would see one of them."""
    request = signed("us-east-1,eu-west-1")
    name = "x-amz-region-set"
    headers = (*without(request, name).headers, (name, "us-east-1"), (name, "eu-west-1"))
    assert mismatched(msgspec.structs.replace(request, headers=headers)) == (
        "Header 'x-amz-region-set' must not occur more than once."
    )


def mismatched(request: HttpRequest) -> str:
    """The message of a SignatureDoesNotMatch."""
    return refused(lambda: verify(request, parsed(request), PUBLIC), "SignatureDoesNotMatch", 403)


def test_another_key_pair_is_refused() -> None:
    """A signature of another private key over the same is none."""
    request = signed()
    signature = parsed(request)
    other = private_key(Key(KEY_ID, "another")).sign(string_to_sign(request, signature), ec.ECDSA(SHA256()))
    forged = msgspec.structs.replace(signature, signature=other.hex())
    refused(lambda: verify(request, forged, PUBLIC), "SignatureDoesNotMatch", 403)
    assert "must be a 'SignedHeader'" in mismatched(signed_without_host())


def signed_without_host() -> HttpRequest:
    """A SigV4a request whose host is not signed."""
    request = signed()
    value = request.headers[-1][1].replace("host;", "")
    return msgspec.structs.replace(request, headers=(*request.headers[:-1], ("authorization", value)))
