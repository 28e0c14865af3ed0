"""Root keys under a key in a token: which key, and what is refused."""

import sys

import pkcs11
import pytest

import softhsm
from masugata.keeper import KeeperError, RootKeyError, WrongSecretError, open_keeper
from masugata.keeper.ring import RootKeyRing
from masugata.keeper.seals import default_seal, find_seal
from masugata.keeper.seals._pkcs11_uri import parse_token_key

RING = RootKeyRing({1: b"a" * 32})
MODULE = f"module-path={softhsm.MODULE}"


@pytest.fixture
def sealed(tokens, tmp_path):
    """A seal with a ring, under a key of its own."""
    seal = find_seal(tokens.uri(label=tmp_path.name), tmp_path)
    seal.create(RING, tokens.pin)
    return seal


def token(tokens, name, *, rw=False):
    """A session with one of the tokens."""
    return (
        pkcs11.lib(str(softhsm.MODULE)).get_token(token_label=name).open(rw=rw, user_pin=tokens.pin.decode())
    )


def test_key_stays_in_the_token(sealed, tokens, tmp_path):
    """The key that was made cannot be read, and opens what it wrapped."""
    assert sealed.open(tokens.pin) == RING
    with token(tokens, "one") as session:
        key = session.get_key(label=tmp_path.name)
        assert not key[pkcs11.Attribute.EXTRACTABLE]
        assert key[pkcs11.Attribute.NEVER_EXTRACTABLE]
        assert key[pkcs11.Attribute.SENSITIVE]
        with pytest.raises(pkcs11.AttributeSensitive):
            key[pkcs11.Attribute.VALUE]


def test_another_tokens_key_does_not_open(sealed, tokens, tmp_path):
    """A key of the same name in another token, and a token without it, are told apart."""
    path = sealed.path.read_bytes()
    other = find_seal(tokens.uri("two", tmp_path.name), tmp_path)
    with pytest.raises(RootKeyError, match="has no key as"):
        other.open(tokens.pin)
    other.create(RING, tokens.pin, replace=True)
    sealed.path.write_bytes(path)
    with pytest.raises(RootKeyError, match="another one, or their file was changed"):
        other.open(tokens.pin)
    assert sealed.open(tokens.pin) == RING


def test_changed_file_does_not_open(sealed, tokens):
    """A changed head or body is noticed by the token's key."""
    text = sealed.path.read_bytes()
    for at in (40, len(text) - 3):
        sealed.path.write_bytes(text[:at] + bytes((text[at] ^ 1,)) + text[at + 1 :])
        with pytest.raises(RootKeyError):
            sealed.open(tokens.pin)


def test_wrong_pin(sealed, tokens):
    """A wrong PIN is a wrong secret, whatever bytes it has."""
    for pin in (b"00000000" if tokens.pin != b"00000000" else b"11111111", b"", b"\xff\xff\xff\xff"):
        with pytest.raises(WrongSecretError):
            sealed.open(pin)
    assert sealed.open(tokens.pin) == RING


def test_token_that_is_not_there(tokens, tmp_path):
    """A token, a module or a serial number that does not exist is named."""
    for uri, why in (
        (tokens.uri("three"), "there is no token"),
        (f"pkcs11:token=one;serial=nothing;object=a?{MODULE}", "there is no token"),
        ("pkcs11:token=one;object=a?module-path=/nowhere/lib.so", "no PKCS #11 module"),
    ):
        with pytest.raises(RootKeyError, match=why):
            find_seal(uri, tmp_path).create(RING, tokens.pin)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("length", "template", "why"),
    [
        (256, {pkcs11.Attribute.EXTRACTABLE: True}, "can be read out of its token"),
        (256, {pkcs11.Attribute.SENSITIVE: False}, "can be read out of its token"),
        (128, {}, "not an AES key of 256 bits"),
    ],
)
def test_unsafe_key_is_refused(tokens, tmp_path, length, template, why):
    """A key that somebody could read out, or a short one, is not used even if it is there."""
    with token(tokens, "one", rw=True) as session:
        session.generate_key(
            pkcs11.KeyType.AES,
            length,
            label=tmp_path.name,
            store=True,
            template={pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True, **template},
        )
    with pytest.raises(RootKeyError, match=why):
        find_seal(tokens.uri(label=tmp_path.name), tmp_path).create(RING, tokens.pin)
    assert list(tmp_path.iterdir()) == []


def test_two_keys_of_one_name(sealed, tokens, tmp_path):
    """Which of two keys is meant, an id says."""
    with token(tokens, "one", rw=True) as session:
        session.generate_key(pkcs11.KeyType.AES, 256, label=tmp_path.name, id=b"\x07", store=True)
    with pytest.raises(RootKeyError, match="several keys"):
        sealed.open(tokens.pin)


def test_pin_file_that_others_can_read(tokens, tmp_path):
    """The PIN's file is as private as a root key's."""
    pin = tmp_path / "pin"
    pin.write_bytes(tokens.pin)
    pin.chmod(0o644)
    with pytest.raises(RootKeyError, match="mode 0644"):
        open_keeper(tokens.uri(label=tmp_path.name, pin_source=pin), create=True, folder=tmp_path)


def test_setting_must_say_which_token(sealed, tmp_path):
    """Nothing in a data directory makes the program load a module: the setting has to name it."""
    assert sealed.exists()
    with pytest.raises(RootKeyError, match="set `seal` to its `pkcs11:` URI"):
        default_seal(tmp_path)
    with pytest.raises(RootKeyError, match="set `seal`"):
        find_seal("passphrase:", tmp_path).open(b"correct horse battery")


def test_without_the_extra(tokens, tmp_path, monkeypatch):
    """Without python-pkcs11 the error says what to install."""
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(KeeperError, match=r"masugata\[hsm\]"):
        find_seal(tokens.uri(), tmp_path).create(RING, tokens.pin)


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("pkcs11:", "which module"),
        (f"pkcs11:token=a?{MODULE}", "which key"),
        (f"pkcs11:object=a?{MODULE}", "which key"),
        ("pkcs11:token=a;object=b", "which module"),
        ("pkcs11:token=a;object=b?module-path=lib.so", "which module"),
        (f"pkcs11:token=a;object=b?{MODULE}&pin-value=1234", "PIN does not belong"),
        (f"pkcs11:token=a;object=b;slot-id=1?{MODULE}", "`slot-id`"),
        (f"pkcs11:token=a;token=b;object=b?{MODULE}", "`token`"),
        (f"pkcs11:token=a;object=b?{MODULE}&module-name=x", "`module-name`"),
        (f"pkcs11:token=a;object?{MODULE}", "`object`"),
        (f"pkcs11:token=a%zz;object=b?{MODULE}", "`token`"),
        (f"pkcs11:token=%ff;object=b?{MODULE}", "not UTF-8"),
        (f"pkcs11:token=a;object=b;type=private?{MODULE}", "secret-key"),
        (f"pkcs11:token=a;object=b?{MODULE}&pin-source=pin", "must be a file"),
        (f"pkcs11:token=a;object=b?{MODULE}&pin-source=|cat", "`pin-source`"),
    ],
)
def test_bad_uris(uri, why):
    """What cannot be understood, or names no key, is refused; a PIN is not repeated."""
    with pytest.raises(KeeperError, match=why) as raised:
        parse_token_key(uri)
    assert "1234" not in str(raised.value)


@pytest.mark.parametrize("where", ["tokn=a;object=b?pin-value=", "token=a;object=b?pin_value="])
def test_pin_in_a_bad_uri_is_not_repeated(where):
    """Errors go into logs, and what is misspelt may be a PIN."""
    with pytest.raises(KeeperError) as raised:
        parse_token_key(f"pkcs11:{where}98765")
    assert "98765" not in str(raised.value)


def test_uri_as_rfc_7512_writes_it():
    """Values are percent-decoded, in any order."""
    key = parse_token_key(
        f"pkcs11:object=root%20key;type=secret-key;id=%01%ff;token=My%3btoken;serial=12ab?pin-source=file:///p&{MODULE}"
    )
    assert (key.label, key.id, key.token, key.serial) == ("root key", b"\x01\xff", "My;token", "12ab")
    assert str(key.pin_source) == "/p"
