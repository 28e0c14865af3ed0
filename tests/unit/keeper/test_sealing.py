"""Sealed secrets open only where they belong."""

import hmac
import os
import pickle

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

from masugata.keeper import ACCESS_KEY_PURPOSE, KeeperError, SealBrokenError, open_keeper
from masugata.keeper.sealing import RootKeeper, derive

ROOT = bytes(range(32))


@pytest.fixture
def keeper():
    return RootKeeper(ROOT, "test")


@pytest.mark.parametrize("plaintext", [b"", b"s", b"x" * 100_000])
def test_round_trip(keeper, plaintext):
    """What was sealed comes back, the empty secret included."""
    assert keeper.unseal("p", keeper.seal("p", plaintext, b"row"), b"row") == plaintext


def test_blob_says_version_and_algorithm_first(keeper):
    """The first two bytes are the format version and the algorithm, and 42 bytes are all the overhead."""
    blob = keeper.seal("p", b"secret", b"row")
    assert blob[:2] == b"\x01\x01"
    assert len(blob) == len(b"secret") + 42


def test_equal_secrets_look_different(keeper):
    """Sealing the same secret twice gives blobs that share nothing but the header."""
    one, two = keeper.seal("p", b"secret", b"row"), keeper.seal("p", b"secret", b"row")
    assert one[2:14] != two[2:14]
    assert one[26:] != two[26:]


def test_blob_of_an_earlier_program_opens(keeper):
    """The format is fixed: a blob written down once opens for ever."""
    blob = bytes.fromhex(
        "0101000102030405060708090a0b0c0d0e0f101112131415161798bee1fe49e915d7685515a680cfedf921bff374c772"
    )
    assert keeper.unseal("access-key", blob, b"AKIA") == b"secret"


@pytest.mark.parametrize(
    ("purpose", "identity", "root"),
    [
        pytest.param("q", b"row", ROOT, id="another-purpose"),
        pytest.param("p", b"other row", ROOT, id="another-row"),
        pytest.param("p", b"", ROOT, id="no-row"),
        pytest.param("p", b"row", bytes(32), id="another-root-key"),
    ],
)
def test_opens_only_where_it_belongs(keeper, purpose, identity, root):
    """A blob moved to another row, used for another purpose or under another root key stays shut."""
    blob = keeper.seal("p", b"secret", b"row")
    with pytest.raises(SealBrokenError):
        RootKeeper(root, "test").unseal(purpose, blob, identity)


def test_every_changed_bit_breaks_the_seal(keeper):
    """No bit of a blob can be changed unnoticed."""
    blob = keeper.seal("p", b"secret", b"row")
    for bit in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBrokenError):
            keeper.unseal("p", bytes(changed), b"row")


def test_every_cut_breaks_the_seal(keeper):
    """A shortened or lengthened blob is broken, never a crash."""
    blob = keeper.seal("p", b"secret", b"row")
    for length in range(len(blob)):
        with pytest.raises(SealBrokenError):
            keeper.unseal("p", blob[:length], b"row")
    with pytest.raises(SealBrokenError):
        keeper.unseal("p", blob + b"\0", b"row")


def test_unknown_form_is_said_to_be_unknown(keeper):
    """A blob of a later format is told apart from a broken one."""
    with pytest.raises(SealBrokenError, match="not in a form that this program knows"):
        keeper.unseal("p", b"\x02" + keeper.seal("p", b"secret", b"row")[1:], b"row")


def test_secrets_are_bounded(keeper):
    """A secret of more than a mebibyte is a mistake of the caller."""
    with pytest.raises(KeeperError, match="1048577 bytes"):
        keeper.seal("p", bytes((1 << 20) + 1), b"row")


@pytest.mark.parametrize("context", [b"", b"context", b"\x00" * 40])
def test_derivation_is_sp_800_108(context):
    """Our few lines give what an independent implementation of SP 800-108 gives."""
    reference = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=32,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=b"label",
        context=context,
        fixed=None,
    )
    assert derive(ROOT, b"label", context) == reference.derive(ROOT)


def test_signing_key_is_sigv4s(keeper):
    """The derived key signs as botocore does with the secret."""
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"  # AWS's documentation example
    signer = SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", secret), "iam", "us-east-1")
    request = AWSRequest("GET", "https://iam.amazonaws.com/")
    request.context["timestamp"] = "20150830T123600Z"
    sealed = keeper.seal(ACCESS_KEY_PURPOSE, secret.encode(), b"AKIAIOSFODNN7EXAMPLE")
    key = keeper.sigv4_key(sealed, b"AKIAIOSFODNN7EXAMPLE", "20150830", "us-east-1", "iam")
    assert hmac.new(key, b"string to sign", "sha256").hexdigest() == signer.signature(
        "string to sign", request
    )
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


def test_signing_key_needs_an_access_key(keeper):
    """A secret sealed for something else, or for another key id, gives no signing key."""
    for sealed in (keeper.seal("other", b"s", b"AKIA"), keeper.seal(ACCESS_KEY_PURPOSE, b"s", b"AKIB")):
        with pytest.raises(SealBrokenError):
            keeper.sigv4_key(sealed, b"AKIA", "20150830", "us-east-1", "iam")


def test_keeper_gives_nothing_away(keeper):
    """Neither its text, nor its fingerprint, nor an error, nor pickling shows key material."""
    with pytest.raises(SealBrokenError) as raised:
        keeper.unseal("p", os.urandom(60), b"row")
    shown = f"{keeper!r} {keeper} {keeper.fingerprint} {raised.value}"
    assert repr(keeper) == "<Keeper test>"
    assert ROOT.hex() not in shown
    assert repr(ROOT)[2:-1] not in shown
    assert not hasattr(keeper, "__dict__")
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(keeper)


def test_fingerprints_tell_keys_apart():
    """The same root key has the same fingerprint, another one another."""
    assert RootKeeper(ROOT, "a").fingerprint == RootKeeper(ROOT, "b").fingerprint
    assert RootKeeper(ROOT, "a").fingerprint != RootKeeper(bytes(32), "a").fingerprint


def test_ephemeral_keepers_share_nothing():
    """Every ephemeral keeper has a key of its own."""
    one, two = open_keeper("ephemeral:", create=True), open_keeper("ephemeral:", create=False)
    with pytest.raises(SealBrokenError):
        two.unseal("p", one.seal("p", b"secret", b"row"), b"row")


def test_root_key_has_its_size():
    """A root key of another size is refused."""
    with pytest.raises(KeeperError, match="32 bytes"):
        RootKeeper(bytes(31), "test")
