"""Which part of a SAML response did the provider sign? Only that part goes on from here.

Signature wrapping lives from a verifier that checks one element and a reader that reads another. Here
the shape is fixed before any verification (one assertion, child of the response; no id twice; a
signature only where SAML puts it, over its own parent), and what is read afterwards is not the
document but the bytes whose digest was signed.
Sources: SAML 2.0 Core, section 5.4; Somorovsky et al., "On Breaking SAML" (USENIX Security 2012).
"""

from collections.abc import Sequence
from typing import Any

from masugata.identity.federation._xml import PROTOCOL, SAML, SIGNATURE, BadXmlError, children, only_child

_ASSERTION = f"{{{SAML}}}Assertion"
_RESPONSE = f"{{{PROTOCOL}}}Response"
_SIGNATURE = f"{{{SIGNATURE}}}Signature"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_TRANSFORMS = frozenset({_ENVELOPED, _EXCLUSIVE, _EXCLUSIVE + "WithComments"})
_ID_ATTRIBUTES = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")
_HASHES = ("SHA256", "SHA384", "SHA512")


class NotSignedError(ValueError):
    """Nothing in the document is signed by one of the certificates."""


def signed_assertion(root: Any, certificates: Sequence[bytes]) -> Any:
    """The assertion, as one of the certificates (DER) signed it; raises `BadXmlError`, `NotSignedError`.

    Either the assertion is signed or the response that holds it; if both are, both must be right.
    """
    assertion = _check_shape(root)
    signed = None
    for owner in (root, assertion):
        if children(owner, SIGNATURE, "Signature"):
            verified = _verified(root, owner, certificates)
            # of a signed response only the assertion in what was signed
            signed = verified if owner is assertion else only_child(verified, SAML, "Assertion")
    if signed is None:
        raise NotSignedError("neither the response nor the assertion is signed")
    return signed


def _check_shape(root: Any) -> Any:
    """The assertion of a response whose shape leaves no doubt what is signed."""
    if root.tag != _RESPONSE:
        raise BadXmlError("its root is not a Response")
    if next(root.iter(f"{{{SAML}}}EncryptedAssertion"), None) is not None:
        raise BadXmlError("encrypted assertions are not supported")
    assertions = list(root.iter(_ASSERTION))
    if len(assertions) != 1 or assertions[0].getparent() is not root:
        raise BadXmlError(f"it has {len(assertions)} assertions, or one in a place where none belongs")
    ids = [element.get(name) for element in root.iter() for name in _ID_ATTRIBUTES if element.get(name)]
    if len(ids) != len(set(ids)):
        raise BadXmlError("two elements have the same id")
    for signature in root.iter(_SIGNATURE):
        _check_signature(signature, {root: root.get("ID"), assertions[0]: assertions[0].get("ID")})
    return assertions[0]


def _check_signature(signature: Any, owners: dict[Any, str | None]) -> None:
    """A signature is a child of what it signs, names it, and changes nothing in it."""
    owner = signature.getparent()
    if owner not in owners or len(children(owner, SIGNATURE, "Signature")) != 1:
        raise BadXmlError("it has a signature where none belongs")
    reference = only_child(only_child(signature, SIGNATURE, "SignedInfo"), SIGNATURE, "Reference")
    if not owners[owner] or reference.get("URI") != f"#{owners[owner]}":
        raise BadXmlError("a signature is over something else than what holds it")
    if any(node.get("Algorithm") not in _TRANSFORMS for node in reference.iter(f"{{{SIGNATURE}}}Transform")):
        raise BadXmlError("a signature has a transform that SAML does not allow")
    if children(signature, SIGNATURE, "Object"):
        raise BadXmlError("a signature holds objects")


def _verified(root: Any, owner: Any, certificates: Sequence[bytes]) -> Any:
    """`owner` as it was signed, made anew of the signed bytes."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from lxml import etree  # noqa: PLC0415
    from signxml.algorithms import DigestAlgorithm, SignatureMethod  # noqa: PLC0415
    from signxml.exceptions import SignXMLException  # noqa: PLC0415
    from signxml.verifier import SignatureConfiguration, XMLVerifier  # noqa: PLC0415

    location = "./" if owner is root else f"./{_ASSERTION}/"
    methods = [SignatureMethod[f"{kind}_{name}"] for kind in ("RSA", "ECDSA") for name in _HASHES]
    reasons = []
    for der in certificates:
        certificate = x509.load_der_x509_certificate(der)
        configuration = SignatureConfiguration(
            location=location,
            expect_references=1,
            signature_methods=frozenset(methods),
            digest_algorithms=frozenset(DigestAlgorithm[name] for name in _HASHES),
            ignore_ambiguous_key_info=True,  # what the signature says of its key never counts
            verification_time=certificate.not_valid_before_utc,  # the metadata names the key, at any time
        )
        try:
            result = XMLVerifier().verify(
                etree.tostring(root), x509_cert=certificate, expect_config=configuration
            )
        except (SignXMLException, UnsupportedAlgorithm, etree.LxmlError, ValueError, KeyError) as error:
            reasons.append(repr(error))
            continue
        found = None if isinstance(result, list) else result.signed_xml
        if found is not None and found.tag == owner.tag and found.get("ID") == owner.get("ID"):
            return found
        reasons.append("something else is signed")
    raise NotSignedError("; ".join(dict.fromkeys(reasons)))
