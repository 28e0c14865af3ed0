"""SSH public keys of users."""

import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from masugata.records.iam import SSH_PUBLIC_KEY
from unit.services.iam.certificates import rsa_key


def openssh(key):
    """A public key as ssh-keygen writes it."""
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def spki(key):
    """A public key in PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def alice(iam):
    """The house, with a user alice in it."""
    iam("CreateUser", UserName="alice")
    return iam


def upload(house, body, name="alice"):
    return house("UploadSSHPublicKey", UserName=name, SSHPublicKeyBody=body)["SSHPublicKey"]


@pytest.mark.parametrize("form", [openssh, spki])
def test_upload_and_get_in_both_forms(alice, form):
    """Whatever form a key came in, it is given out in either."""
    key = rsa_key()
    identity = upload(alice, form(key))["SSHPublicKeyId"]
    assert identity.startswith("APKA")
    for encoding, body in (("SSH", openssh(key)), ("PEM", spki(key))):
        shown = alice("GetSSHPublicKey", UserName="alice", SSHPublicKeyId=identity, Encoding=encoding)
        assert shown["SSHPublicKey"]["SSHPublicKeyBody"] == body
        assert shown["SSHPublicKey"]["Status"] == "Active"


def test_the_fingerprint_is_the_one_of_ssh_keygen(alice, tmp_path):
    """The MD5 that ssh-keygen shows."""
    path = tmp_path / "key.pub"
    path.write_text(openssh(rsa_key()))
    try:
        line = subprocess.run(
            ["ssh-keygen", "-l", "-E", "md5", "-f", path], capture_output=True, text=True, check=True
        ).stdout
    except FileNotFoundError:
        pytest.skip("no ssh-keygen on this machine")
    assert upload(alice, openssh(rsa_key()))["Fingerprint"] == line.split()[1].removeprefix("MD5:")


def test_options_and_comments_do_not_stay(alice):
    """What a server would act on, or anybody be told by, is not kept: the key alone."""
    identity = upload(alice, openssh(rsa_key()) + " command=evil alice@host")["SSHPublicKeyId"]
    assert alice.get(SSH_PUBLIC_KEY, identity).body == openssh(rsa_key())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("x", "UnrecognizedPublicKeyEncoding"),
        ("ssh-rsa AAAA", "UnrecognizedPublicKeyEncoding"),
        ('command="x" ' + openssh(rsa_key()), "UnrecognizedPublicKeyEncoding"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "UnrecognizedPublicKeyEncoding"),
        (openssh(Ed25519PrivateKey.generate()), "InvalidPublicKey"),
        (openssh(rsa_key(1024)), "InvalidPublicKey"),
    ],
    ids=["no key", "cut off", "options before", "bad PEM", "not RSA", "too short"],
)
def test_bad_keys(alice, body, code):
    """Each defect has its error."""
    assert alice.fails("UploadSSHPublicKey", UserName="alice", SSHPublicKeyBody=body)[0] == code


def test_once_and_five_at_most(alice, monkeypatch):
    """A user has a key once, another may have the same, and there is a quota."""
    upload(alice, openssh(rsa_key()))
    again = alice.fails("UploadSSHPublicKey", UserName="alice", SSHPublicKeyBody=spki(rsa_key()))
    assert again[0] == "DuplicateSSHPublicKey"
    alice("CreateUser", UserName="bob")
    upload(alice, openssh(rsa_key()), "bob")
    monkeypatch.setattr("masugata.services.iam.ssh_public_keys.SSH_PUBLIC_KEYS_PER_USER", 1)
    refused = alice.fails("UploadSSHPublicKey", UserName="alice", SSHPublicKeyBody=openssh(rsa_key(2049)))
    assert refused == ("LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 1", 409)


def test_list_switch_and_delete(alice):
    """Listings show no key; another user's key is unknown."""
    identity = upload(alice, openssh(rsa_key()))["SSHPublicKeyId"]
    named = {"UserName": "alice", "SSHPublicKeyId": identity}
    alice("UpdateSSHPublicKey", **named, Status="Inactive")
    (listed,) = alice("ListSSHPublicKeys", UserName="alice")["SSHPublicKeys"]
    assert set(listed) == {"UserName", "SSHPublicKeyId", "Status", "UploadDate"}
    assert listed["Status"] == "Inactive"
    assert alice.fails("UpdateSSHPublicKey", **named, Status="Expired")[0] == "InvalidInput"
    assert alice.fails("GetSSHPublicKey", **named, Encoding="DER")[0] == "UnrecognizedPublicKeyEncoding"
    alice("CreateUser", UserName="bob")
    unknown = ("NoSuchEntity", f"The Public Key with id {identity} cannot be found.", 404)
    for operation, members in (
        ("GetSSHPublicKey", {"Encoding": "SSH"}),
        ("UpdateSSHPublicKey", {"Status": "Active"}),
        ("DeleteSSHPublicKey", {}),
    ):
        assert alice.fails(operation, UserName="bob", SSHPublicKeyId=identity, **members) == unknown
    assert alice.fails("DeleteUser", UserName="alice") == (
        "DeleteConflict",
        "Cannot delete entity, must remove referenced objects first.",
        409,
    )
    alice("DeleteSSHPublicKey", **named)
    alice("DeleteUser", UserName="alice")
