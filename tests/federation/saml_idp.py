"""A SAML identity provider: metadata, and responses signed at run time."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod, XMLSigner
from signxml.algorithms import CanonicalizationMethod

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
SIGN_IN = "https://signin.aws.amazon.com/saml"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
NAMES = {"saml": SAML, "samlp": PROTOCOL, "ds": DS}
SUBJECT = "hanako@example.com"


class LegacySigner(XMLSigner):
    """Signs with SHA-1 too, as providers of long ago do."""

    def check_deprecated_methods(self) -> None:
        """Let it be."""


class IdentityProvider:
    """Makes signed responses; `entity_id` is its name."""

    def __init__(self, entity_id: str = "https://idp.example.com/saml", bits: int = 2048) -> None:
        self.entity_id = entity_id
        self.key = rsa.generate_private_key(65537, bits)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self.key, hashes.SHA256())
        )

    def metadata(self, attributes: str = "", use: str = 'use="signing"') -> str:
        """The provider's metadata document; AWS takes none under 1000 characters."""
        der = b64encode(self.certificate.public_bytes(Encoding.DER)).decode()
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
            f"entityID={quoteattr(self.entity_id)} {attributes}>"
            f'<md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}"><md:KeyDescriptor {use}>'
            f'<ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate>'
            "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
            'Location="https://idp.example.com/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
        )

    def response(
        self,
        roles: Sequence[str],
        *,
        signed: str = "assertion",
        now: datetime | None = None,
        change: Callable[[str], str] = str,
        attributes: Mapping[str, Sequence[str]] | None = None,
        signer: XMLSigner | None = None,
    ) -> etree._Element:
        """A response; `change` is applied to its text before the parts named in `signed` are signed."""
        given = {"Role": roles, "RoleSessionName": [SUBJECT], **(attributes or {})}
        root = etree.fromstring(change(self._text(given, now or datetime.now(UTC))).encode())
        for part in signed.split():
            self.sign(root, part, signer)
        return root

    def sign(self, root: etree._Element, part: str, signer: XMLSigner | None = None) -> None:
        """Sign the assertion in a response, or the response."""
        signer = signer or XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
        element = root if part == "response" else root.find("saml:Assertion", NAMES)
        assert element is not None
        # at its place, which the schema has right behind the issuer
        place = etree.SubElement(element, f"{{{DS}}}Signature", {"Id": "placeholder"}, nsmap={"ds": DS})
        element.insert(1, place)
        signed = signer.sign(
            element, key=self.key, cert=[self.certificate], reference_uri=f"#{element.get('ID')}"
        )
        if element is root:
            root[:] = list(signed)
        else:
            root.replace(element, signed)

    def _text(self, attributes: Mapping[str, Sequence[str]], now: datetime) -> str:
        begins, ends = _time(now - timedelta(seconds=5)), _time(now + timedelta(minutes=5))
        statements = "".join(
            f"<saml:Attribute Name={quoteattr(_full_name(name))}>"
            + "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in attributes.items()
        )
        return (
            f'<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="{SAML}" ID="_r{uuid4().hex}" '
            f'Version="2.0" IssueInstant="{_time(now)}" Destination="{SIGN_IN}">'
            f"<saml:Issuer>{self.entity_id}</saml:Issuer>"
            '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
            "</samlp:Status>"
            f'<saml:Assertion ID="_a{uuid4().hex}" Version="2.0" IssueInstant="{_time(now)}">'
            f"<saml:Issuer>{self.entity_id}</saml:Issuer><saml:Subject>"
            '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">'
            f"{SUBJECT}</saml:NameID>"
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData NotOnOrAfter="{ends}" Recipient="{SIGN_IN}"/>'
            "</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{begins}" NotOnOrAfter="{ends}"><saml:AudienceRestriction>'
            f"<saml:Audience>{SIGN_IN}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{_time(now)}"><saml:AuthnContext>'
            "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
            "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
            f"<saml:AttributeStatement>{statements}</saml:AttributeStatement></saml:Assertion></samlp:Response>"
        )


def encoded(root: Any) -> str:
    """A response as it is handed in; text goes as it is."""
    return b64encode(root.encode() if isinstance(root, str) else etree.tostring(root)).decode()


def legacy_signer() -> XMLSigner:
    """SHA-1, for the test that it is refused."""
    return LegacySigner(
        signature_algorithm=SignatureMethod.RSA_SHA1,
        digest_algorithm=DigestAlgorithm.SHA1,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )


def _full_name(name: str) -> str:
    """AWS's own attributes may be named without what they all begin with."""
    return name if "/" in name or name.startswith("urn:") else ATTRIBUTES + name


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
