"""SAML responses that must not convince: re-wrapped, re-dated, for somebody else, or not quite XML.

The wrapping attacks are those of Somorovsky et al., "On Breaking SAML" (USENIX Security 2012), XSW 1 to 8.
"""

import copy
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from federation.saml_idp import (
    ATTRIBUTES,
    DS,
    NAMES,
    PROTOCOL,
    SAML,
    SIGN_IN,
    SUBJECT,
    IdentityProvider,
    encoded,
    legacy_signer,
)
from masugata.errors import AwsError
from masugata.identity.caller import Caller
from support import ACCOUNT, House

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Clerk"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/Corp"
EVIL = "root@example.com"
Element = Any


@pytest.fixture(scope="module")
def idp() -> IdentityProvider:
    """The provider that is trusted."""
    return IdentityProvider()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, idp: IdentityProvider) -> House:
    """An installation whose account trusts it."""
    house = House(tmp_path_factory.mktemp("house"), saml_audiences=["https://masugata.example/saml"])
    house.client("iam").create_saml_provider(Name="Corp", SAMLMetadataDocument=idp.metadata())
    return house


def enter(house: House, text: str, provider: str = PROVIDER) -> Caller:
    """Whom a response stands for."""
    return house.gateway.verifier.saml(text, provider, ROLE, house.store.snapshot(), house.clock())


def refusal(house: House, response: Any) -> tuple[str, str]:
    """How a response is refused."""
    with pytest.raises(AwsError) as caught:
        enter(house, encoded(response))
    return caught.value.code, caught.value.message


def offered(idp: IdentityProvider, **changed: Any) -> Element:
    """A response that offers the role."""
    return idp.response([f"{ROLE},{PROVIDER}"], **changed)


def assertion_of(root: Element) -> Element:
    return root.find("saml:Assertion", NAMES)


def evil_twin(element: Element, *, new_id: str | None = "_evil") -> Element:
    """A copy that says somebody else, without the signature."""
    twin = copy.deepcopy(element)
    for signature in twin.findall(".//ds:Signature", NAMES):
        signature.getparent().remove(signature)
    for name in twin.iter(f"{{{SAML}}}NameID"):
        name.text = EVIL
    if new_id is not None:
        twin.set("ID", new_id)
    return twin


def xsw1(root: Element) -> Element:
    """The evil response holds the original one in its signature's Object."""
    twin = evil_twin(root)
    signature = root.find("ds:Signature", NAMES)
    root.remove(signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(root)
    twin.insert(1, signature)
    return twin


def xsw2(root: Element) -> Element:
    """As XSW 1, the original response beside the signature, which is detached from it."""
    twin = evil_twin(root)
    signature = root.find("ds:Signature", NAMES)
    root.remove(signature)
    twin.insert(1, signature)
    twin.insert(1, root)
    return twin


def xsw3(root: Element) -> Element:
    """An evil assertion before the signed one."""
    root.insert(2, evil_twin(assertion_of(root)))
    return root


def xsw4(root: Element) -> Element:
    """The signed assertion inside an evil one."""
    original = assertion_of(root)
    twin = evil_twin(original)
    root.replace(original, twin)
    twin.append(original)
    return root


def xsw5(root: Element) -> Element:
    """The signature moves to the evil assertion, the signed one follows at the end."""
    original = assertion_of(root)
    signature = original.find("ds:Signature", NAMES)
    twin = evil_twin(original)
    original.remove(signature)
    twin.insert(1, signature)
    root.replace(original, twin)
    root.append(original)
    return root


def xsw6(root: Element) -> Element:
    """As XSW 5, the signed assertion inside the signature."""
    original = assertion_of(root)
    signature = original.find("ds:Signature", NAMES)
    twin = evil_twin(original)
    original.remove(signature)
    twin.insert(1, signature)
    root.replace(original, twin)
    signature.append(original)
    return root


def xsw7(root: Element) -> Element:
    """An evil assertion with the same id in Extensions, where a schema allows anything."""
    extensions = etree.Element(f"{{{PROTOCOL}}}Extensions")
    extensions.append(evil_twin(assertion_of(root), new_id=None))
    root.insert(1, extensions)
    return root


def xsw8_in_place(root: Element) -> Element:
    """XSW 8 on a response that still has its assertion."""
    original = assertion_of(root)
    twin = evil_twin(original, new_id=None)
    root.replace(original, twin)
    signature = original.find("ds:Signature", NAMES)
    original.remove(signature)
    twin.insert(1, signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(original)
    return root


WRAPPED: dict[str, tuple[str, Callable[[Element], Element]]] = {
    "XSW 1": ("response", xsw1),
    "XSW 2": ("response", xsw2),
    "XSW 3": ("assertion", xsw3),
    "XSW 4": ("assertion", xsw4),
    "XSW 5": ("assertion", xsw5),
    "XSW 6": ("assertion", xsw6),
    "XSW 7": ("assertion", xsw7),
    "XSW 8": ("assertion", xsw8_in_place),
}


@pytest.mark.parametrize("attack", WRAPPED)
def test_wrapped_signature(house: House, idp: IdentityProvider, attack: str) -> None:
    """Wherever an attacker moves the signed part, what they wrote themselves never counts."""
    signed, wrap = WRAPPED[attack]
    wrapped = wrap(offered(idp, signed=signed))
    assert EVIL in etree.tostring(wrapped).decode()
    assert refusal(house, wrapped)[0] == "InvalidIdentityToken"


@pytest.mark.parametrize("signed", ["assertion", "response", "assertion response"])
def test_good_response(house: House, idp: IdentityProvider, signed: str) -> None:
    """A signed assertion, a signed response and both are accepted: what the attacks are made from."""
    caller = enter(house, encoded(offered(idp, signed=signed)))
    assert caller.federation is not None
    assert (caller.federation.subject, caller.federation.roles) == (SUBJECT, (ROLE,))


def replaced(old: str, new: str) -> Callable[[str], str]:
    """A change of the text that must find something to change."""

    def change(text: str) -> str:
        assert re.search(old, text)
        return re.sub(old, new, text)

    return change


# Signed by the provider all the same: what it says is not for us, not for now, or not clear.
REFUSED: dict[str, tuple[Callable[[str], str], str, str]] = {
    "other audience": (
        replaced("<saml:Audience>[^<]*", "<saml:Audience>https://other.example"),
        "InvalidIdentityToken",
        "Response does not contain the required audience.",
    ),
    "no audience": (
        replaced("<saml:AudienceRestriction>.*</saml:AudienceRestriction>", ""),
        "InvalidIdentityToken",
        "Response does not contain the required audience.",
    ),
    "audience of a look-alike": (
        replaced("<saml:Audience>[^<]*", "<saml:Audience>https://signin.aws.amazon.com.evil.example/saml"),
        "InvalidIdentityToken",
        "Response does not contain the required audience.",
    ),
    "other recipient": (
        replaced('Recipient="[^"]*', 'Recipient="https://other.example'),
        "InvalidIdentityToken",
        "Response does not contain the required recipient.",
    ),
    "other issuer": (
        replaced("<saml:Issuer>[^<]*(?=</saml:Issuer><saml:Subject)", "<saml:Issuer>https://other.example"),
        "InvalidIdentityToken",
        "Issuer not present in specified provider",
    ),
    "older than five minutes": (
        replaced('(<saml:Assertion[^>]*IssueInstant=")[^"]*', r"\g<1>2020-01-01T00:00:00Z"),
        "ExpiredTokenException",
        "Token must be redeemed within 5 minutes of issuance",
    ),
    "conditions over": (
        replaced('(<saml:Conditions [^>]*NotOnOrAfter=")[^"]*', r"\g<1>2020-01-01T00:00:00Z"),
        "ExpiredTokenException",
        "The assertion has expired.",
    ),
    "conditions of the future": (
        replaced('NotBefore="[^"]*', 'NotBefore="2999-01-01T00:00:00Z'),
        "InvalidIdentityToken",
        "The assertion is not valid yet.",
    ),
    "confirmation over": (
        replaced('(SubjectConfirmationData NotOnOrAfter=")[^"]*', r"\g<1>2020-01-01T00:00:00Z"),
        "ExpiredTokenException",
        "The assertion has expired.",
    ),
    "no session name": (
        replaced("RoleSessionName", "Other"),
        "InvalidIdentityToken",
        "RoleSessionName is required in AuthnResponse",
    ),
    "bad session name": (
        replaced(f"(RoleSessionName.*?<saml:AttributeValue>){SUBJECT}", r"\g<1>a b"),
        "InvalidIdentityToken",
        "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
    ),
}


@pytest.mark.parametrize("defect", REFUSED)
def test_signed_and_refused(house: House, idp: IdentityProvider, defect: str) -> None:
    """What the provider signed for somebody else or another time, in AWS's words."""
    change, code, message = REFUSED[defect]
    assert refusal(house, offered(idp, change=change)) == (code, message)


UNCLEAR: dict[str, Callable[[str], str]] = {
    "answer to a request": replaced(
        "<saml:SubjectConfirmationData", '<saml:SubjectConfirmationData InResponseTo="_x"'
    ),
    "response to a request": replaced(
        'Version="2.0" IssueInstant', 'Version="2.0" InResponseTo="_x" IssueInstant'
    ),
    "holder of key": replaced("cm:bearer", "cm:holder-of-key"),
    "one-time use": replaced("<saml:AudienceRestriction>", "<saml:OneTimeUse/><saml:AudienceRestriction>"),
    "two subjects": replaced("(<saml:NameID.*?</saml:NameID>)", r"\1\1"),
    "comment in the subject": replaced(SUBJECT + "</saml:NameID>", f"{SUBJECT}<!-- -->.evil</saml:NameID>"),
    "element in the subject": replaced(SUBJECT + "</saml:NameID>", "a<b/></saml:NameID>"),
    "not successful": replaced("status:Success", "status:Requester"),
    "SAML 1.1": replaced('Version="2.0"', 'Version="1.1"'),
    "a time that is none": replaced('NotBefore="[^"]*', 'NotBefore="yesterday'),
    "an attribute twice": replaced("RoleSessionName", "Role"),
}


@pytest.mark.parametrize("defect", UNCLEAR)
def test_signed_and_unclear(house: House, idp: IdentityProvider, defect: str) -> None:
    """What cannot be read in one way only is refused, although it is signed.

    A comment in a value is no part of what was signed, so the value is read as one.
    """
    response = offered(idp, change=UNCLEAR[defect])
    if defect == "comment in the subject":
        caller = enter(house, encoded(response))
        assert caller.federation is not None
        assert caller.federation.subject == f"{SUBJECT}.evil"
        return
    assert refusal(house, response)[0] == "InvalidIdentityToken"


def test_white_space_is_part_of_a_name(house: House, idp: IdentityProvider) -> None:
    """Who is called almost like somebody else is not taken for them; a session of such a name is none."""
    caller = enter(
        house,
        encoded(offered(idp, change=replaced(f">{SUBJECT}</saml:NameID>", f"> {SUBJECT} </saml:NameID>"))),
    )
    assert caller.federation is not None
    assert caller.federation.subject == f" {SUBJECT} "
    for element, space in (("NameID", "\u00a0"), ("NameID", "\n"), ("AttributeValue", " ")):
        change = replaced(f">{SUBJECT}</saml:{element}>", f">{SUBJECT}{space}</saml:{element}>")
        assert refusal(house, offered(idp, change=change))[0] == "InvalidIdentityToken"


def test_comment_does_not_cut_a_value(house: House, idp: IdentityProvider) -> None:
    """A comment that is put into a signed subject afterwards changes nothing of who it is."""
    text = (
        etree.tostring(offered(idp))
        .decode()
        .replace(SUBJECT + "</saml:NameID>", "hanako<!---->@example.com</saml:NameID>")
    )
    caller = enter(house, encoded(text))
    assert caller.federation is not None
    assert caller.federation.subject == SUBJECT


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r SYSTEM "https://evil.example/evil.dtd">',
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r>',
    ],
)
def test_document_types_and_entities(house: House, idp: IdentityProvider, head: str) -> None:
    """Nothing of a document type is read: no file, no address, no expansion."""
    text = head + etree.tostring(offered(idp)).decode()
    assert refusal(house, text) == (
        "InvalidIdentityToken",
        "The SAML response is not valid: it has a document type or entities",
    )


def test_undeclared_entity(house: House, idp: IdentityProvider) -> None:
    """An entity that nobody declared is not well-formed."""
    text = etree.tostring(offered(idp)).decode().replace(SUBJECT, "&evil;")
    assert refusal(house, text)[0] == "InvalidIdentityToken"


@pytest.mark.parametrize(
    "text", ["", "<a/>", "<" * 1000, "<a>" * 5000, "\0", "plain", "<a>" + "<b/>" * 24_000 + "</a>"]
)
def test_what_is_no_response(house: House, text: str) -> None:
    """Anything else is refused too, however deep or long."""
    assert refusal(house, text)[0] == "InvalidIdentityToken"


def test_what_is_not_base64(house: House) -> None:
    """The response must come in Base64 of UTF-8."""
    for text in ("<xml/>", "####", "/////w=="):
        with pytest.raises(AwsError, match="not Base64 of UTF-8"):
            enter(house, text)


def tampered(idp: IdentityProvider) -> Element:
    root = offered(idp)
    next(root.iter(f"{{{SAML}}}NameID")).text = EVIL
    return root


def without_reference(idp: IdentityProvider) -> Element:
    root = offered(idp)
    next(root.iter(f"{{{DS}}}Reference")).set("URI", "")
    return root


def xslt(idp: IdentityProvider) -> Element:
    root = offered(idp)
    next(root.iter(f"{{{DS}}}Transform")).set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")
    return root


FORGED: dict[str, Callable[[IdentityProvider], Element]] = {
    "unsigned": lambda idp: offered(idp, signed=""),
    "tampered": tampered,
    "stranger's key": lambda idp: offered(IdentityProvider(idp.entity_id)),
    "SHA-1": lambda idp: offered(idp, signer=legacy_signer()),
    "reference to the whole document": without_reference,
    "transform that SAML does not allow": xslt,
}


@pytest.mark.parametrize("defect", FORGED)
def test_forged(house: House, idp: IdentityProvider, defect: str) -> None:
    """What the provider did not sign, or not in a way that holds."""
    code, message = refusal(house, FORGED[defect](idp))
    assert code == "InvalidIdentityToken"
    if defect in {"unsigned", "tampered", "stranger's key", "SHA-1"}:
        assert message == "Response signature invalid"


@pytest.mark.parametrize(
    "provider",
    [
        PROVIDER.lower(),
        PROVIDER + "x",
        PROVIDER.replace(ACCOUNT, "999999999999"),
        PROVIDER.replace("saml", "oidc"),
    ],
)
def test_provider_that_is_not_the_accounts(house: House, idp: IdentityProvider, provider: str) -> None:
    """The provider must be one of the role's account, under exactly this ARN."""
    with pytest.raises(AwsError) as caught:
        enter(house, encoded(offered(idp)), provider)
    assert caught.value.message == "Specified provider doesn't exist."


def test_own_audience_and_old_certificate(house: House, idp: IdentityProvider) -> None:
    """The operator's name for this service counts beside AWS's; a certificate's dates do not, as in AWS."""
    ours = replaced(SIGN_IN, "https://masugata.example/saml")
    assert enter(house, encoded(offered(idp, change=ours))).federation is not None
    house.clock.offset = timedelta(days=3)
    try:
        later = offered(idp, now=house.clock())
        assert enter(house, encoded(later)).federation is not None
    finally:
        house.clock.offset = timedelta()


def test_condition_keys(house: House, idp: IdentityProvider) -> None:
    """What the trust policy may compare, and the little of it that stays with the session."""
    given = {
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["staff", "member"],
        f"{ATTRIBUTES}PrincipalTag:Team": ["kitchen"],
        f"{ATTRIBUTES}TransitiveTagKeys": ["Team"],
        f"{ATTRIBUTES}SourceIdentity": ["hanako"],
        f"{ATTRIBUTES}SessionDuration": ["1800"],
    }
    federation = enter(house, encoded(offered(idp, attributes=given))).federation
    assert federation is not None
    assert federation.keys == {
        **federation.session_keys,
        "saml:aud": SIGN_IN,
        "saml:iss": idp.entity_id,
        "saml:doc": f"{ACCOUNT}/Corp",
        "saml:edupersonaffiliation": ["staff", "member"],
    }
    assert federation.session_keys["saml:sub"] == SUBJECT
    assert (federation.tags, federation.transitive_tag_keys) == ({"Team": "kitchen"}, ("Team",))
    assert (federation.source_identity, federation.seconds) == ("hanako", 1800)
