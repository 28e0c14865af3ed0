"""Certificates: given ones are checked, automatic ones are made, kept, and renewed."""

import dataclasses
import ipaddress
import ssl
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from masugata.server.tls import tls_files
from masugata.settings import Settings, SettingsError

NOW = datetime.now(UTC)


@pytest.fixture
def settings(tmp_path):
    """Settings that ask for automatic TLS."""
    return Settings(data=tmp_path, tls="auto", allowed_hosts=("aws.example", "10.1.2.3", "fd00::9"))


def certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_automatic(settings):
    """An authority and a certificate are made: private keys, and every name that clients may use."""
    files = tls_files(settings, NOW)
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.key.parent.stat().st_mode) == 0o700
    names = (
        certificate(files.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    )
    assert {"localhost", "aws.example"} <= set(names.get_values_for_type(x509.DNSName))
    addresses = {"127.0.0.1", "::1", "10.1.2.3", "fd00::9"}
    assert set(names.get_values_for_type(x509.IPAddress)) == {ipaddress.ip_address(a) for a in addresses}


def test_authority_is_kept(settings):
    """The next start uses the authority that clients trust already, and the certificate too.

    Another server that starts at the same time may be about to load it.
    """
    before = [path.read_bytes() for path in tls_files(settings, NOW)]
    assert [path.read_bytes() for path in tls_files(settings, NOW)] == before


@pytest.mark.parametrize(
    ("change", "days"),
    [({}, 120), ({"allowed_hosts": ("aws.example",)}, 0), ({"host": "192.0.2.1"}, 0)],
    ids=["old", "fewer names", "another name"],
)
def test_certificate_is_renewed(settings, change, days):
    """An old certificate, and one for other names, is made again by the same authority."""
    before = [path.read_bytes() for path in tls_files(settings, NOW)]
    changed = dataclasses.replace(settings, **change)
    after = [path.read_bytes() for path in tls_files(changed, NOW + timedelta(days=days))]
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, False, True]


@pytest.mark.parametrize("content", [b"", b"x", None], ids=["empty", "no PEM", "of another authority"])
def test_certificate_that_is_none(settings, tmp_path, content):
    """What is no certificate of this authority, with its key, is made again."""
    files = tls_files(settings, NOW)
    if content is None:
        other = Settings(data=tmp_path / "other", tls="auto", allowed_hosts=settings.allowed_hosts)
        content = tls_files(other, NOW).key.read_bytes()
    files.key.write_bytes(content)
    again = tls_files(settings, NOW)
    assert again.key.read_bytes() != content
    certificate(again.certificate).verify_directly_issued_by(certificate(again.authority))


def test_certificate_is_valid_under_strict_rules(settings):
    """OpenSSL accepts the chain with the strict checks of newer Pythons, for the named hosts alone."""
    files = tls_files(settings, NOW)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(files.certificate, files.key)
    client_side = ssl.create_default_context(cafile=str(files.authority))
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT
    for host, fine in (
        ("localhost", True),
        ("aws.example", True),
        ("10.1.2.3", True),
        ("evil.example", False),
    ):
        assert handshake(server_side, client_side, host) is fine, host


def handshake(server_side, client_side, host):
    """Whether two contexts agree, without a socket."""
    wires = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_side.wrap_bio(wires[0], wires[1], server_side=True)
    client = client_side.wrap_bio(wires[1], wires[0], server_hostname=host)
    for _ in range(5):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return client.version() is not None and client.getpeercert() != {}


@pytest.mark.parametrize(("days", "renewed"), [(0, False), (3600, False), (3625, True), (4000, True)])
def test_authority_that_expires(settings, days, renewed, caplog):
    """An authority whose time is over, or nearly, is replaced and this is said; not sooner."""
    before = tls_files(settings, NOW).authority.read_bytes()
    files = tls_files(settings, NOW + timedelta(days=days))
    assert (files.authority.read_bytes() != before) is renewed
    assert ("expired" in caplog.text) is renewed
    issuer = certificate(files.authority)
    certificate(files.certificate).verify_directly_issued_by(issuer)


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ca.key", pem(ec.generate_private_key(ec.SECP256R1()))),
        ("ca.key", pem(ed25519.Ed25519PrivateKey.generate())),
        ("ca.key", b"rubbish"),
        ("ca.key", b""),
        ("ca.key", None),
        ("ca.pem", b"rubbish"),
        ("ca.pem", b""),
    ],
    ids=[
        "other-key",
        "other-algorithm",
        "no-pem",
        "empty-key",
        "missing-key",
        "no-certificate",
        "empty-certificate",
    ],
)
def test_damaged_authority(settings, name, content):
    """An authority that does not fit together is refused with a remedy, not silently replaced."""
    files = tls_files(settings, NOW)
    path = files.key.parent / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match="delete both for a new authority"):
        tls_files(settings, NOW)


def test_key_without_its_authority(settings):
    """A crash between writing the key and the certificate leaves nothing that anybody trusts: made anew."""
    files = tls_files(settings, NOW)
    files.authority.unlink()
    tls_files(settings, NOW)
    assert files.authority.exists()


def test_given_files(settings, tmp_path):
    """Two PEM files are taken as they are; there is no authority to tell of."""
    made = tls_files(settings, NOW)
    given = Settings(data=tmp_path, tls=f"{made.certificate},{made.key}")
    assert tls_files(given, NOW) == (made.certificate, made.key, None)


@pytest.mark.parametrize(
    "tls", ["", "yes", "AUTO", "server.pem", "server.pem,", ",ca.key", "server.pem,missing",
            "missing,ca.key",
            ".,.", "server.pem,ca.key,x"]
)  # fmt: skip
def test_no_two_files(settings, tmp_path, monkeypatch, tls):
    """Anything but `auto` and two existing files is refused."""
    files = tls_files(settings, NOW)
    monkeypatch.chdir(files.key.parent)
    with pytest.raises(SettingsError, match="--tls takes `auto` or two files"):
        tls_files(Settings(data=tmp_path, tls=tls), NOW)


@pytest.mark.parametrize("wrong", ["swapped", "other key", "rubbish", "empty", "password"])
def test_files_that_do_not_fit(settings, tmp_path, wrong):
    """Files that no TLS can be spoken with are refused before the server starts; no password is asked for."""
    made = tls_files(settings, NOW)
    other = tmp_path / "other.key"
    key = ec.generate_private_key(ec.SECP256R1())
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    other.write_bytes({"other key": pem(key), "rubbish": b"rubbish", "password": locked}.get(wrong, b""))
    pair = (
        (made.key.with_name("ca.key"), made.certificate) if wrong == "swapped" else (made.certificate, other)
    )
    with pytest.raises(SettingsError, match="are not a PEM certificate and its key"):
        tls_files(Settings(data=tmp_path, tls=f"{pair[0]},{pair[1]}"), NOW)
