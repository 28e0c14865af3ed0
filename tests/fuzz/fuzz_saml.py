"""Fuzz target: whatever a SAML response or metadata document holds, it is refused or read, in bounds."""

import contextlib
from datetime import UTC, datetime

from masugata.errors import AwsError
from masugata.identity.federation._xml import parse
from masugata.identity.federation.saml_assertion import read_assertion
from masugata.identity.federation.saml_metadata import read_metadata
from masugata.identity.federation.saml_signature import signed_assertion

NOW = datetime(2026, 11, 27, tzinfo=UTC)
SAML = b'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
SEEDS = (
    b'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ' + SAML + b' ID="r" Version="2.0">'
    b'<saml:Assertion ID="a" Version="2.0" IssueInstant="2026-11-27T00:00:00Z"><saml:Issuer>i</saml:Issuer>'
    b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:Reference URI="#a"/>'
    b"</ds:SignedInfo></ds:Signature></saml:Assertion></samlp:Response>",
    b"<saml:Assertion " + SAML + b' ID="a" Version="2.0" IssueInstant="2026-11-27T00:00:00Z">'
    b"<saml:Issuer>i</saml:Issuer><saml:Subject><saml:NameID>n</saml:NameID><saml:SubjectConfirmation "
    b'Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter='
    b'"2026-11-27T00:05:00Z" Recipient="https://signin.aws.amazon.com/saml"/></saml:SubjectConfirmation>'
    b"</saml:Subject><saml:Conditions><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices"
    b"</saml:Audience></saml:AudienceRestriction></saml:Conditions></saml:Assertion>",
    (
        b'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="i" validUntil="2027'
        b'-01-01T00:00:00Z"><md:IDPSSODescriptor '
        b'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        b'<md:KeyDescriptor><X509Certificate xmlns="http://www.w3.org/2000/09/xmldsig#">AAAA</X509Certificate>'
        b"</md:KeyDescriptor></md:IDPSSODescriptor></md:EntityDescriptor>"
    ),
)
PIECES = (
    b"<!DOCTYPE a>",
    b"&#0;",
    b"&a;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"xml:id",
    b"ID",
    b"#",
    b"<a>" * 99,
)


def fuzz_one(data: bytes) -> None:
    """One document in each of its roles; a finding is any exception but AwsError and ValueError."""
    text = data.decode("latin-1")
    with contextlib.suppress(ValueError):
        read_metadata(text)
    try:
        root = parse(text)
    except ValueError:
        return
    with contextlib.suppress(AwsError, ValueError):
        read_assertion(root, NOW, ())
    try:
        signed_assertion(root, ())
    except ValueError:
        return
    raise AssertionError("accepted, and no certificate is trusted")
