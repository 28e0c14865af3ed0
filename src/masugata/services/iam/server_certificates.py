"""Operations on server certificates: what a TLS server shows, kept with its private key."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from masugata.call import Call
from masugata.identity.identifiers import unique_id
from masugata.records.iam import SERVER_CERTIFICATE, ServerCertificate, iam_arn
from masugata.services.iam._common import (
    already_exists,
    no_such_entity,
    page,
    quota_exceeded,
    requested_tags,
    tag_shapes,
    whole_seconds,
)
from masugata.services.iam._pem import certificate, check_chain, check_private_key, malformed_certificate

if TYPE_CHECKING:
    from masugata_types import iam as shapes

SERVER_CERTIFICATES_PER_ACCOUNT = 20
PURPOSE = "server-certificate"


def prepare_upload(call: Call, request: "shapes.UploadServerCertificateRequest") -> Any:
    """Read the certificate and check its chain and key, which can take longer than a change may."""
    parsed = certificate(request["CertificateBody"])
    if parsed.not_valid_before_utc > call.now:
        raise malformed_certificate("The certificate is not valid yet.")
    check_private_key(parsed, request["PrivateKey"])
    if (chain := request.get("CertificateChain")) is not None:
        check_chain(parsed, chain)
    return parsed


def upload_server_certificate(
    call: Call, request: "shapes.UploadServerCertificateRequest"
) -> "shapes.UploadServerCertificateResponse":
    """Keep a certificate, its chain and its private key, which no operation gives out again."""
    name = request["ServerCertificateName"]
    tags = requested_tags(request.get("Tags", ()))
    _refuse_taken_name(call, name)
    if call.records.count(SERVER_CERTIFICATE, call.account) >= SERVER_CERTIFICATES_PER_ACCOUNT:
        raise quota_exceeded("ServerCertificatesPerAccount", SERVER_CERTIFICATES_PER_ACCOUNT)
    identity = unique_id("ASCA", call.random)
    record = ServerCertificate(
        name=name,
        path=request.get("Path", "/"),
        id=identity,
        body=request["CertificateBody"],
        chain=request.get("CertificateChain"),
        private_key=call.keeper.seal(PURPOSE, request["PrivateKey"].encode(), identity.encode()),
        upload_date=whole_seconds(call),
        expiration=call.prepared.not_valid_after_utc,
        tags=tags,
    )
    _put(call, record)
    response: shapes.UploadServerCertificateResponse = {"ServerCertificateMetadata": _metadata(call, record)}
    if tags:
        response["Tags"] = tag_shapes(tags)
    return response


def get_server_certificate(
    call: Call, request: "shapes.GetServerCertificateRequest"
) -> "shapes.GetServerCertificateResponse":
    """One certificate with its chain and tags, without its private key."""
    record = find_server_certificate(call, request["ServerCertificateName"])
    shape: shapes.ServerCertificate = {
        "ServerCertificateMetadata": _metadata(call, record),
        "CertificateBody": record.body,
        "Tags": tag_shapes(record.tags),
    }
    if record.chain is not None:
        shape["CertificateChain"] = record.chain
    return {"ServerCertificate": shape}


def list_server_certificates(
    call: Call, request: "shapes.ListServerCertificatesRequest"
) -> "shapes.ListServerCertificatesResponse":
    """The certificates under a path, by name."""
    prefix = request.get("PathPrefix", "/")
    found = [r for r in call.records.scan(SERVER_CERTIFICATE, call.account) if r.path.startswith(prefix)]
    chosen, end = page(found, request, "ServerCertificateMetadataList", SERVER_CERTIFICATE.key)
    return {"ServerCertificateMetadataList": [_metadata(call, record) for record in chosen], **end}


def update_server_certificate(
    call: Call, request: "shapes.UpdateServerCertificateRequest"
) -> Mapping[str, Any]:
    """Rename or move a certificate; what it holds stays."""
    record = find_server_certificate(call, request["ServerCertificateName"])
    name = request.get("NewServerCertificateName", record.name)
    renamed = msgspec.structs.replace(record, name=name, path=request.get("NewPath", record.path))
    if SERVER_CERTIFICATE.key(renamed) != SERVER_CERTIFICATE.key(record):
        _refuse_taken_name(call, name)
        call.transaction.delete(SERVER_CERTIFICATE, call.account, SERVER_CERTIFICATE.key(record))
    _put(call, renamed)
    if renamed.name != record.name:
        call.touches("AWS::IAM::ServerCertificate", record.name)
    return {}


def delete_server_certificate(
    call: Call, request: "shapes.DeleteServerCertificateRequest"
) -> Mapping[str, Any]:
    """Delete a certificate and its private key."""
    record = find_server_certificate(call, request["ServerCertificateName"])
    call.transaction.delete(SERVER_CERTIFICATE, call.account, SERVER_CERTIFICATE.key(record))
    call.touches("AWS::IAM::ServerCertificate", record.name)
    return {}


def find_server_certificate(call: Call, name: str) -> ServerCertificate:
    """The server certificate of exactly this name; raises NoSuchEntity."""
    record = call.records.get(SERVER_CERTIFICATE, call.account, name.lower())
    if record is None or record.name != name:
        raise no_such_entity(f"The Server Certificate with name {name} cannot be found.")
    return record


def _refuse_taken_name(call: Call, name: str) -> None:
    """Names are unique without regard to case."""
    if call.records.get(SERVER_CERTIFICATE, call.account, name.lower()) is not None:
        raise already_exists(f"The Server Certificate with name {name} already exists.")


def _put(call: Call, record: ServerCertificate) -> None:
    call.transaction.put(SERVER_CERTIFICATE, call.account, record)
    call.touches("AWS::IAM::ServerCertificate", record.name)


def _metadata(call: Call, record: ServerCertificate) -> "shapes.ServerCertificateMetadata":
    return {
        "Path": record.path,
        "ServerCertificateName": record.name,
        "ServerCertificateId": record.id,
        "Arn": iam_arn(call.account, "server-certificate", record, partition=call.partition),
        "UploadDate": record.upload_date,
        "Expiration": record.expiration,
    }
