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

from masugata.engines.keys import derive
from masugata.keeper import ACCESS_KEY_PURPOSE, KeeperError, SealBrokenError, open_keeper
from masugata.keeper.ring import RootKeyRing
from masugata.keeper.sealing import RootKeeper, root_key_of

ROOT = bytes(range(32))


@pytest.fixture
def keeper():
    return RootKeeper(RootKeyRing({1: ROOT}), "test")


@pytest.mark.parametrize("plaintext", [b"", b"s", b"x" * 100_000])
def test_round_trip(keeper, plaintext):
    """What was sealed comes back, the empty secret included."""
    assert keeper.unseal("p", keeper.seal("p", plaintext, b"row"), b"row") == plaintext


def test_blob_says_version_and_algorithm_first(keeper):
    """First come the format version, the algorithm and the root key's number; the overhead is 46 bytes."""
    blob = keeper.seal("p", b"secret", b"row")
    assert blob[:6] == b"\x02\x01\x00\x00\x00\x01"
    assert len(blob) == len(b"secret") + 46


def test_equal_secrets_look_different(keeper):
    """Sealing the same secret twice gives blobs that share nothing but the header."""
    one, two = keeper.seal("p", b"secret", b"row"), keeper.seal("p", b"secret", b"row")
    assert one[6:18] != two[6:18]
    assert one[30:] != two[30:]


def test_blob_of_an_earlier_program_opens(keeper):
    """The format is fixed: a blob written down once opens for ever."""
    blob = bytes.fromhex(
        "0101000102030405060708090a0b0c0d0e0f101112131415161798bee1fe49e915d7685515a680cfedf921bff374c772"
    )
    assert keeper.unseal("access-key", blob, b"AKIA") == b"secret"


def test_earlier_blob_is_of_the_first_root_key(keeper):
    """A blob without a number opens as long as the first root key is in the ring, whatever came after it."""
    blob = bytes.fromhex(
        "0101000102030405060708090a0b0c0d0e0f101112131415161798bee1fe49e915d7685515a680cfedf921bff374c772"
    )
    ring = RootKeyRing({1: ROOT}).adding(bytes(32)).adding(b"3" * 32)
    grown = RootKeeper(ring, "test")
    assert root_key_of(blob) == 1
    assert grown.unseal("access-key", blob, b"AKIA") == b"secret"
    assert keeper.reseal("access-key", blob, b"AKIA") == blob
    resealed = grown.reseal("access-key", blob, b"AKIA")
    assert root_key_of(resealed) == 3
    assert grown.unseal("access-key", resealed, b"AKIA") == b"secret"
    with pytest.raises(SealBrokenError, match="root key 1, which is not here"):
        RootKeeper(ring.forgetting(1), "test").unseal("access-key", blob, b"AKIA")


def test_newest_root_key_seals_and_all_open(keeper):
    """After a new root key what was sealed before opens; what is sealed then, the old ring does not know."""
    old = keeper.seal("p", b"secret", b"row")
    grown = RootKeeper(RootKeyRing({1: ROOT}).adding(bytes(32)), "test")
    new = grown.seal("p", b"secret", b"row")
    assert [root_key_of(blob) for blob in (old, new)] == [1, 2]
    assert grown.unseal("p", old, b"row") == grown.unseal("p", new, b"row") == b"secret"
    with pytest.raises(SealBrokenError, match="root key 2, which is not here"):
        keeper.unseal("p", new, b"row")


def test_number_of_the_root_key_is_authenticated():
    """A blob that is made to name another root key of the ring, or none, stays shut."""
    grown = RootKeeper(RootKeyRing({1: ROOT, 2: ROOT}), "test")
    blob = grown.seal("p", b"secret", b"row")
    for changed in (blob[:5] + b"\x01" + blob[6:], b"\x01" + blob[1:2] + blob[6:]):
        with pytest.raises(SealBrokenError, match="changed or belongs elsewhere"):
            grown.unseal("p", changed, b"row")


def test_resealing_opens_only_what_belongs(keeper):
    """A blob of another row is not sealed anew for this one."""
    grown = RootKeeper(RootKeyRing({1: ROOT}).adding(bytes(32)), "test")
    with pytest.raises(SealBrokenError):
        grown.reseal("p", keeper.seal("p", b"secret", b"row"), b"other row")


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
        RootKeeper(RootKeyRing({1: root}), "test").unseal(purpose, blob, identity)


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
        keeper.unseal("p", b"\x03" + keeper.seal("p", b"secret", b"row")[1:], b"row")


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
    assert (
        RootKeeper(RootKeyRing({1: ROOT}), "a").fingerprint
        == RootKeeper(RootKeyRing({1: ROOT}), "b").fingerprint
    )
    assert (
        RootKeeper(RootKeyRing({1: ROOT}), "a").fingerprint
        != RootKeeper(RootKeyRing({1: bytes(32)}), "a").fingerprint
    )


def test_ephemeral_keepers_share_nothing():
    """Every ephemeral keeper has a key of its own."""
    one, two = open_keeper("ephemeral:", create=True), open_keeper("ephemeral:", create=False)
    with pytest.raises(SealBrokenError):
        two.unseal("p", one.seal("p", b"secret", b"row"), b"row")


def test_root_key_has_its_size():
    """A root key of another size is refused."""
    with pytest.raises(KeeperError, match="32 bytes"):
        RootKeyRing({1: bytes(31)})
