"""The life of certificates, SSH public keys and service-specific credentials."""

from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from unit.services.iam.certificates import START, certificate, ec_key, pem, rsa_key

TAGS = [{"Key": "Team", "Value": "kitchen"}, {"Key": "Town", "Value": "Kyoto"}]
DAYS = 36_500


def signing(iam: Any, user: str) -> str:
    """A new signing certificate of a user."""
    body = pem(certificate(ec_key(), start=START, days=DAYS))
    return str(
        iam.upload_signing_certificate(UserName=user, CertificateBody=body)["Certificate"]["CertificateId"]
    )


def server(iam: Any, name: str) -> None:
    """A new server certificate."""
    key = ec_key()
    body = pem(certificate(key, days=DAYS))
    iam.upload_server_certificate(
        ServerCertificateName=name, CertificateBody=body, PrivateKey=pem(key), Tags=TAGS
    )


def ssh(iam: Any, user: str, bits: int) -> str:
    """A new SSH public key of a user."""
    body = rsa_key(bits).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return str(
        iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody=body)["SSHPublicKey"]["SSHPublicKeyId"]
    )


def credential(iam: Any, user: str, service: str) -> str:
    """A new service-specific credential of a user."""
    made = iam.create_service_specific_credential(UserName=user, ServiceName=service)
    return str(made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"])


def certificates(iam: Any) -> None:
    """Everything that can be done with each, for the user `admin`."""
    own = {"UserName": "admin", "CertificateId": signing(iam, "admin")}
    iam.update_signing_certificate(**own, Status="Inactive")
    assert [c["Status"] for c in iam.list_signing_certificates()["Certificates"]] == ["Inactive"]
    iam.delete_signing_certificate(**own)
    server(iam, "old")
    iam.update_server_certificate(ServerCertificateName="old", NewServerCertificateName="shop")
    shop = {"ServerCertificateName": "shop"}
    iam.untag_server_certificate(**shop, TagKeys=["Team"])
    iam.tag_server_certificate(**shop, Tags=TAGS[:1])
    assert iam.list_server_certificate_tags(**shop)["Tags"] == TAGS
    assert len(iam.list_server_certificates()["ServerCertificateMetadataList"]) == 1
    assert iam.get_server_certificate(**shop)["ServerCertificate"]["Tags"]
    iam.delete_server_certificate(**shop)
    key = {"UserName": "admin", "SSHPublicKeyId": ssh(iam, "admin", 2048)}
    iam.update_ssh_public_key(**key, Status="Inactive")
    assert iam.get_ssh_public_key(**key, Encoding="PEM")["SSHPublicKey"]["Status"] == "Inactive"
    assert len(iam.list_ssh_public_keys()["SSHPublicKeys"]) == 1
    iam.delete_ssh_public_key(**key)
    made = {"ServiceSpecificCredentialId": credential(iam, "admin", "codecommit.amazonaws.com")}
    iam.reset_service_specific_credential(**made)
    iam.update_service_specific_credential(**made, Status="Inactive")
    assert len(iam.list_service_specific_credentials()["ServiceSpecificCredentials"]) == 1
    iam.delete_service_specific_credential(**made)


PAGINATORS: dict[str, tuple[dict[str, Any], int]] = {
    "list_server_certificate_tags": ({"ServerCertificateName": "certificate-0"}, 2),
    "list_server_certificates": ({}, 3),
    "list_signing_certificates": ({"UserName": "user-0"}, 2),
    "list_ssh_public_keys": ({"UserName": "user-0"}, 3),
}


def some_of_each(iam: Any) -> None:
    """What the paginators list."""
    for n in range(3):
        server(iam, f"certificate-{n}")
        ssh(iam, "user-0", 2048 + n)
        if n:
            signing(iam, "user-0")
