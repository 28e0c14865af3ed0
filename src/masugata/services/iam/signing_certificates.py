"""Operations on the X.509 certificates that sign for users."""

from typing import TYPE_CHECKING

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.identifiers import unique_id
from masugata.records.iam import SIGNING_CERTIFICATE, SigningCertificate
from masugata.services.iam._common import page, quota_exceeded, whole_seconds
from masugata.services.iam._owned import Owner, find_owned, is_active, owned, owner_of
from masugata.services.iam._pem import certificate

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from masugata_types import iam as shapes

SIGNING_CERTIFICATES_PER_USER = 2


def upload_signing_certificate(
    call: Call, request: "shapes.UploadSigningCertificateRequest"
) -> "shapes.UploadSigningCertificateResponse":
    """Have a certificate sign for a user, or for the root user; it is active at once."""
    owner = owner_of(call, request.get("UserName"))
    parsed = certificate(request["CertificateBody"])
    _refuse_invalid(call, parsed)
    fingerprint = parsed.fingerprint(SHA256()).hex()
    if call.records.referring(SIGNING_CERTIFICATE, call.account, "fingerprint", fingerprint):
        raise AwsError("DuplicateCertificate", "The same certificate is associated with an IAM user.", 409)
    if len(owned(call, SIGNING_CERTIFICATE, owner.id)) >= SIGNING_CERTIFICATES_PER_USER:
        raise quota_exceeded("SigningCertificatesPerUser", SIGNING_CERTIFICATES_PER_USER)
    record = SigningCertificate(
        id=unique_id("ASCA", call.random) + unique_id("ASCA", call.random)[4:11],
        owner_id=owner.id,
        body=request["CertificateBody"],
        fingerprint=fingerprint,
        upload_date=whole_seconds(call),
    )
    _put(call, owner, record)
    return {"Certificate": _shape(owner, record)}


def list_signing_certificates(
    call: Call, request: "shapes.ListSigningCertificatesRequest"
) -> "shapes.ListSigningCertificatesResponse":
    """The certificates of one owner."""
    owner = owner_of(call, request.get("UserName"))
    chosen, end = page(
        owned(call, SIGNING_CERTIFICATE, owner.id), request, "Certificates", SIGNING_CERTIFICATE.key
    )
    return {"Certificates": [_shape(owner, record) for record in chosen], **end}


def update_signing_certificate(
    call: Call, request: "shapes.UpdateSigningCertificateRequest"
) -> "shapes.UpdateSigningCertificateResponse":
    """Switch a certificate on or off."""
    owner = owner_of(call, request.get("UserName"))
    active = is_active(request["Status"], "a certificate")
    record = find_owned(call, SIGNING_CERTIFICATE, owner.id, request["CertificateId"], "Certificate")
    _put(call, owner, msgspec.structs.replace(record, active=active))
    return {}


def delete_signing_certificate(
    call: Call, request: "shapes.DeleteSigningCertificateRequest"
) -> "shapes.DeleteSigningCertificateResponse":
    """Delete a certificate, active or not."""
    owner = owner_of(call, request.get("UserName"))
    record = find_owned(call, SIGNING_CERTIFICATE, owner.id, request["CertificateId"], "Certificate")
    call.transaction.delete(SIGNING_CERTIFICATE, call.account, record.id)
    _touch(call, owner)
    return {}


def _refuse_invalid(call: Call, parsed: "Certificate") -> None:
    if parsed.not_valid_before_utc > call.now or parsed.not_valid_after_utc <= call.now:
        raise AwsError("InvalidCertificate", "The certificate is not valid at this time.", 400)


def _put(call: Call, owner: Owner, record: SigningCertificate) -> None:
    call.transaction.put(SIGNING_CERTIFICATE, call.account, record)
    _touch(call, owner)


def _touch(call: Call, owner: Owner) -> None:
    if owner.name is not None:
        call.touches("AWS::IAM::User", owner.name)


def _shape(owner: Owner, record: SigningCertificate) -> "shapes.SigningCertificate":
    shape = {
        "CertificateId": record.id,
        "CertificateBody": record.body,
        "Status": "Active" if record.active else "Inactive",
        "UploadDate": record.upload_date,
    }
    if owner.name is not None:
        shape["UserName"] = owner.name
    # The model requires a UserName, which the root user's certificates do not have.
    return shape  # type: ignore[return-value]
