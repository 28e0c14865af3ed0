"""The operations on certificates, SSH public keys and service-specific credentials."""

from masugata.call import Operation, read, write
from masugata.services.iam import (
    server_certificates,
    service_specific_credentials,
    signing_certificates,
    ssh_public_keys,
    tags,
)

CERTIFICATE_OPERATIONS: dict[str, Operation] = {
    "UploadSigningCertificate": write(signing_certificates.upload_signing_certificate),
    "ListSigningCertificates": read(signing_certificates.list_signing_certificates),
    "UpdateSigningCertificate": write(signing_certificates.update_signing_certificate),
    "DeleteSigningCertificate": write(signing_certificates.delete_signing_certificate),
    "UploadServerCertificate": write(
        server_certificates.upload_server_certificate, server_certificates.prepare_upload
    ),
    "GetServerCertificate": read(server_certificates.get_server_certificate),
    "ListServerCertificates": read(server_certificates.list_server_certificates),
    "UpdateServerCertificate": write(server_certificates.update_server_certificate),
    "DeleteServerCertificate": write(server_certificates.delete_server_certificate),
    "TagServerCertificate": write(tags.tag_server_certificate),
    "UntagServerCertificate": write(tags.untag_server_certificate),
    "ListServerCertificateTags": read(tags.list_server_certificate_tags),
    "UploadSSHPublicKey": write(ssh_public_keys.upload_ssh_public_key),
    "GetSSHPublicKey": read(ssh_public_keys.get_ssh_public_key),
    "ListSSHPublicKeys": read(ssh_public_keys.list_ssh_public_keys),
    "UpdateSSHPublicKey": write(ssh_public_keys.update_ssh_public_key),
    "DeleteSSHPublicKey": write(ssh_public_keys.delete_ssh_public_key),
    "CreateServiceSpecificCredential": write(service_specific_credentials.create_service_specific_credential),
    "ListServiceSpecificCredentials": read(service_specific_credentials.list_service_specific_credentials),
    "UpdateServiceSpecificCredential": write(service_specific_credentials.update_service_specific_credential),
    "ResetServiceSpecificCredential": write(service_specific_credentials.reset_service_specific_credential),
    "DeleteServiceSpecificCredential": write(service_specific_credentials.delete_service_specific_credential),
}
