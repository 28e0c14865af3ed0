"""The root key's file."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from masugata.keeper import KeeperError, RootKeyError, RootKeyMissingError, open_keeper


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "root.key"


@pytest.fixture
def uri(path):
    return f"file:{path}"


def test_key_is_made_once(uri, path):
    """The first start makes the key, later ones use it: what was sealed before opens after."""
    blob = open_keeper(uri, create=True).seal("p", b"secret", b"row")
    before = path.read_bytes()
    assert open_keeper(uri, create=True).unseal("p", blob, b"row") == b"secret"
    assert open_keeper(uri, create=False).unseal("p", blob, b"row") == b"secret"
    assert path.read_bytes() == before


def test_key_is_private(uri, path):
    """The file has mode 0600 in a folder 0700 whatever the umask is, and nothing else is left there."""
    old = os.umask(0)
    try:
        open_keeper(uri, create=True)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_key_file_can_be_kept_on_paper(uri, path):
    """The file is three lines of text: form, key, fingerprint."""
    keeper = open_keeper(uri, create=True)
    form, key, fingerprint = path.read_text().splitlines()
    assert form == "masugata-root-key 1"
    assert len(bytes.fromhex(key)) == 32
    assert fingerprint == keeper.fingerprint
    assert key not in repr(keeper)


def test_missing_key_is_never_replaced(uri, path):
    """Where something was sealed already, a missing key is an error that says what to do."""
    with pytest.raises(RootKeyMissingError, match="put it back") as raised:
        open_keeper(uri, create=False)
    assert f"`{path}` is missing" in str(raised.value)
    assert not path.parent.exists()


def test_racing_first_starts_agree(uri):
    """Processes that start at the same time end up with one key."""
    start = Barrier(8)

    def first_start():
        start.wait()
        return open_keeper(uri, create=True).fingerprint

    with ThreadPoolExecutor(8) as pool:
        fingerprints = {future.result() for future in [pool.submit(first_start) for _ in range(8)]}
    assert len(fingerprints) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o660])
def test_key_that_others_can_reach_is_refused(uri, path, mode):
    """Any right of group or world on the key stops the start, with or without `create`."""
    open_keeper(uri, create=True)
    path.chmod(mode)
    for create in (True, False):
        with pytest.raises(RootKeyError, match=f"mode 0{mode:o}"):
            open_keeper(uri, create=create)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda text: text[:-1], id="cut-off"),
        pytest.param(lambda text: text + b"\n", id="too-long"),
        pytest.param(lambda text: text.replace(b"key 1", b"key 3"), id="later-form"),
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), id="line-ends"),
        pytest.param(lambda text: text.upper(), id="upper-case"),
        pytest.param(lambda _: b"x" * 32, id="bare-bytes"),
    ],
)
def test_key_of_another_form_is_refused(uri, path, damage):
    """A file that is not exactly a key is refused and not overwritten."""
    open_keeper(uri, create=True)
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(RootKeyError, match="not a root key that this program knows"):
        open_keeper(uri, create=True)
    assert path.read_bytes() == before


def test_damaged_key_is_found_out(uri, path):
    """A single wrong digit is noticed at the start, not at the first secret."""
    open_keeper(uri, create=True)
    text = bytearray(path.read_bytes())
    text[30] = ord("0") if text[30] != ord("0") else ord("1")
    path.write_bytes(text)
    with pytest.raises(RootKeyError, match="damaged"):
        open_keeper(uri, create=False)


def test_symbolic_link_is_refused(uri, path, tmp_path):
    """A link is not followed, whether it points somewhere or nowhere."""
    open_keeper(uri, create=True)
    path.rename(tmp_path / "elsewhere.key")
    path.symlink_to(tmp_path / "elsewhere.key")
    for create in (True, False):
        with pytest.raises(RootKeyError, match="cannot use the root key"):
            open_keeper(uri, create=create)
    path.unlink()
    path.symlink_to(tmp_path / "nowhere.key")
    with pytest.raises(RootKeyError, match="cannot use the root key"):
        open_keeper(uri, create=True)
    assert not (tmp_path / "nowhere.key").exists()


def test_what_is_no_file_is_refused(uri, path):
    """A folder or a pipe in the place of the key is refused without waiting on it."""
    path.mkdir(parents=True)
    with pytest.raises(RootKeyError, match="not a regular file"):
        open_keeper(uri, create=True)
    path.rmdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(RootKeyError, match="not a regular file"):
        open_keeper(uri, create=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_key_of_another_user_is_refused(uri, path):
    """A key that belongs to somebody else can be changed by somebody else."""
    open_keeper(uri, create=True)
    os.chown(path, 12345, -1)
    with pytest.raises(RootKeyError, match="another user"):
        open_keeper(uri, create=False)


@pytest.mark.parametrize("uri", ["", "file:", "root.key", "/root.key", "vault:x", "ephemeral:x", "FILE:/x"])
def test_unknown_seals_are_named(uri):
    """A seal that this program does not have is an error that names it and what would be right."""
    with pytest.raises(KeeperError, match="is not a seal; use `file:") as raised:
        open_keeper(uri, create=True)
    assert f"`{uri}`" in str(raised.value)


def test_file_uri_with_slashes(path):
    """`file:///path` is `file:/path`."""
    first = open_keeper(f"file://{path}", create=True)
    assert first.fingerprint == open_keeper(f"file:{path}", create=False).fingerprint
