"""Root keys under a passphrase: damaged, exchanged and unbearable files are refused, and changed ones too."""

import json
import os
import stat
import unicodedata

import pytest

from masugata.keeper import KeeperError, RootKeyError, WrongSecretError, open_keeper
from masugata.keeper.ring import RootKeyRing
from masugata.keeper.seals import default_seal, find_seal
from masugata.keeper.secret_file import normal_secret, read_secret

RING = RootKeyRing({1: b"a" * 32, 2: b"b" * 32})


@pytest.fixture
def seal(tmp_path, passphrase):
    """A seal with a ring."""
    seal = find_seal("passphrase:", tmp_path)
    seal.create(RING, passphrase)
    return seal


def head_with(text: bytes, **members) -> bytes:
    """The file with other members in its head."""
    first, head, body = text.split(b"\n", 2)
    return b"\n".join((first, json.dumps(json.loads(head) | members).encode(), body))


def test_file_is_private_and_says_nothing_secret(seal, tmp_path):
    """The file has mode 0600, and neither keys nor passphrase in it."""
    assert stat.S_IMODE(seal.path.stat().st_mode) == 0o600
    text = seal.path.read_bytes()
    for secret in (b"a" * 32, b"b" * 32, (b"a" * 32).hex().encode(), (b"b" * 32).hex().encode()):
        assert secret not in text
    assert [path.name for path in tmp_path.iterdir()] == ["root.sealed"]
    assert seal.outside() == (RING.fingerprint, 2)


def test_first_file_stays(seal, passphrase):
    """Whoever comes second to a first start finds the ring of the first."""
    before = seal.path.read_bytes()
    seal.create(RootKeyRing({1: b"c" * 32}), passphrase)
    assert seal.path.read_bytes() == before


def test_each_writing_differs(seal, passphrase):
    """Another ring, or the same, under the same passphrase: a new nonce each time."""
    seen = {seal.path.read_bytes()}
    seal.open(passphrase)
    for _ in range(3):
        seal.write(RING)
        seen.add(seal.path.read_bytes())
    assert len({text.split(b"\n")[2][:24] for text in seen}) == 4
    seal.close()
    with pytest.raises(RootKeyError, match="is not open"):
        seal.write(RING)


def test_every_changed_part_is_noticed(seal, passphrase):
    """A changed head or body does not open, and a cut or lengthened file is not taken for one."""
    text = seal.path.read_bytes()
    first, head, body = text.rstrip(b"\n").split(b"\n")
    changed = [
        head_with(text, fingerprint="0" * 16),
        head_with(text, root_keys=1),
        head_with(text, salt="0" * 32),
        b"\n".join((first, head, bytes((body[0] ^ 1,)) + body[1:], b"")),
        b"\n".join((first, head, body[:-1] + bytes((body[-1] ^ 1,)), b"")),
    ]
    for damaged in changed:
        seal.path.write_bytes(damaged)
        with pytest.raises(RootKeyError):
            seal.open(passphrase)
    for damaged in (b"", text[:10], text[:-1], text + b"\n", text.replace(b"\n", b"\r\n"), b"\0" * 100):
        seal.path.write_bytes(damaged)
        for use in (lambda: seal.open(passphrase), seal.outside):
            with pytest.raises(RootKeyError, match=r"form that this program knows|head of"):
                use()


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"memory_kib": 65_535}, id="less-memory"),
        pytest.param({"memory_kib": 1 << 40}, id="all-memory"),
        pytest.param({"passes": 0}, id="no-pass"),
        pytest.param({"passes": 10**9}, id="passes-without-end"),
        pytest.param({"lanes": 0}, id="no-lane"),
        pytest.param({"lanes": 10**6}, id="lanes-without-end"),
        pytest.param({"salt": ""}, id="no-salt"),
        pytest.param({"salt": "x" * 32}, id="salt-not-hexadecimal"),
        pytest.param({"more": 1}, id="unknown-member"),
        pytest.param({"seal": "vault"}, id="unknown-seal"),
        pytest.param({"passes": "3"}, id="text-for-a-number"),
    ],
)
def test_costs_are_bounded(seal, passphrase, members):
    """Costs that protect nothing, or exhaust the machine, are refused before anything is derived."""
    seal.path.write_bytes(head_with(seal.path.read_bytes(), **members))
    with pytest.raises(RootKeyError):
        seal.open(passphrase)


@pytest.mark.parametrize("secret", [b"", b"elevenbytes", b"x" * 1025])
def test_new_passphrases_have_bounds(tmp_path, secret):
    """A passphrase that can be guessed, or without end, is refused, and no file is left."""
    with pytest.raises(RootKeyError, match="12 to 1024 bytes"):
        find_seal("passphrase:", tmp_path).create(RING, secret)
    assert list(tmp_path.iterdir()) == []


def test_endless_secret_is_wrong(seal):
    """An over-long passphrase is a wrong one, and costs nothing."""
    with pytest.raises(WrongSecretError):
        seal.open(b"x" * 1025)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_file_that_others_can_reach_is_refused(seal, passphrase, mode):
    """What others may have copied, they may have guessed the passphrase of."""
    seal.path.chmod(mode)
    with pytest.raises(RootKeyError, match=f"mode 0{mode:o}"):
        seal.open(passphrase)


def test_link_is_refused(seal, passphrase, tmp_path):
    """A link in the place of the file is not followed."""
    seal.path.rename(tmp_path / "elsewhere")
    seal.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RootKeyError, match="cannot use"):
        seal.open(passphrase)


def test_secret_never_stands_in_the_uri(tmp_path):
    """A passphrase in the URI is refused, and not repeated in the error."""
    for uri in ("passphrase:open sesame", "passphrase://open", "passphrase"):
        with pytest.raises(KeeperError) as raised:
            find_seal(uri, tmp_path)
        assert "sesame" not in str(raised.value)


def test_default_is_what_is_there(seal, tmp_path, passphrase):
    """Without a setting a directory with `root.sealed` is under a passphrase, an empty one has a file."""
    assert default_seal(tmp_path) == "passphrase:"
    assert default_seal(tmp_path / "empty") == "file:root.key"
    assert open_keeper(None, create=False, folder=tmp_path, secret=passphrase).fingerprint == RING.fingerprint
    assert seal.exists()


def test_secret_of_a_file(tmp_path):
    """A secret's file may end its line; what looks the same is the same; a descriptor will do."""
    path = tmp_path / "secret"
    for text in ("がぎぐげご\n", "がぎぐげご\r\n", unicodedata.normalize("NFD", "がぎぐげご")):
        path.write_text(text, newline="")
        assert read_secret(path) == "がぎぐげご".encode()
    assert normal_secret(b"\xff\xfe") == b"\xff\xfe"
    reading, writing = os.pipe()
    os.write(writing, b"through a pipe\n")
    os.close(writing)
    assert read_secret(type(path)(f"/dev/fd/{reading}")) == b"through a pipe"
    os.close(reading)
    with pytest.raises(RootKeyError, match="cannot read the passphrase"):
        read_secret(tmp_path / "nowhere")
