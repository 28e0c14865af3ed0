"""Operations on the X.509 certificates that sign for users."""

from typing import TYPE_CHECKING

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.identifiers import unique_id
from masugata.records.iam import SIGNING_CERTIFICATE, SigningCertificate
from masugata.services.iam._common import (
    invalid_input,
    no_such_entity,
    page,
    quota_exceeded,
    whole_seconds,
)
from masugata.services.iam._pem import certificate
from masugata.services.iam.access_keys import Owner, owner_of

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
    if len(_certificates(call, owner)) >= SIGNING_CERTIFICATES_PER_USER:
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
    chosen, end = page(_certificates(call, owner), request, "Certificates", SIGNING_CERTIFICATE.key)
    return {"Certificates": [_shape(owner, record) for record in chosen], **end}


def update_signing_certificate(
    call: Call, request: "shapes.UpdateSigningCertificateRequest"
) -> "shapes.UpdateSigningCertificateResponse":
    """Switch a certificate on or off."""
    owner = owner_of(call, request.get("UserName"))
    status = request["Status"]
    if status not in ("Active", "Inactive"):
        raise invalid_input(f"The status of a certificate can be set to Active or Inactive, not to {status}.")
    record = _find(call, owner, request["CertificateId"])
    _put(call, owner, msgspec.structs.replace(record, active=status == "Active"))
    return {}


def delete_signing_certificate(
    call: Call, request: "shapes.DeleteSigningCertificateRequest"
) -> "shapes.DeleteSigningCertificateResponse":
    """Delete a certificate, active or not."""
    owner = owner_of(call, request.get("UserName"))
    record = _find(call, owner, request["CertificateId"])
    call.transaction.delete(SIGNING_CERTIFICATE, call.account, record.id)
    _touch(call, owner)
    return {}


def _refuse_invalid(call: Call, parsed: "Certificate") -> None:
    if parsed.not_valid_before_utc > call.now or parsed.not_valid_after_utc <= call.now:
        raise AwsError("InvalidCertificate", "The certificate is not valid at this time.", 400)


def _certificates(call: Call, owner: Owner) -> list[SigningCertificate]:
    found = call.records.referring(SIGNING_CERTIFICATE, call.account, "owner", owner.id)
    return sorted(found, key=SIGNING_CERTIFICATE.key)


def _find(call: Call, owner: Owner, certificate_id: str) -> SigningCertificate:
    """A certificate of this owner: another's is as unknown as one that does not exist."""
    record = call.records.get(SIGNING_CERTIFICATE, call.account, certificate_id)
    if record is None or record.owner_id != owner.id:
        raise no_such_entity(f"The Certificate with id {certificate_id} cannot be found.")
    return record


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
