"""Every byte of a backup counts: one that is changed, missing or too many is noticed in time."""

import os
import zlib

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies

from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.iam import USER, User
from masugata.server.backup import BackupDamagedError, BackupError, header, open_backup, write_backup
from masugata.server.backup.rows import read_part, write_part
from masugata.store import LastUse, open_store
from unit.store.things import NOON, event


def silent(_part, _count):
    """Nobody looks."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small backup, its content, and the keeper it was made with."""
    store, keeper = open_store(None, ALL_KINDS), open_keeper("ephemeral:", create=True)
    for number in range(20):
        user = User(name=f"u{number}", id=f"AIDA{number}", create_date=NOON)
        store.submit(lambda t, user=user: t.put(USER, "111122223333", user)).result()
        store.record_event(event(number, body=os.urandom(40)))
    store.touch("k", b"v")
    file = tmp_path_factory.mktemp("made") / "a.backup"
    write_backup(store, keeper, file, NOON, silent)
    return file.read_bytes(), keeper


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """A file to write into."""
    return tmp_path_factory.mktemp("scratch") / "changed.backup"


def read(file, keeper):
    """All that a restore would read before it touches anything."""
    with open_backup(file) as backup:
        backup.sealed.check_root_key(keeper)
        backup.check()


def test_whole(made, scratch):
    """The backup itself is fine, or the tests below would prove nothing."""
    content, keeper = made
    scratch.write_bytes(content)
    read(scratch, keeper)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=strategies.data())
def test_any_flipped_bit(made, scratch, data):
    """A flipped bit anywhere, in the head, its padding or a part, is refused."""
    content, keeper = made
    changed = bytearray(content)
    changed[data.draw(strategies.integers(0, len(content) - 1))] ^= 1 << data.draw(strategies.integers(0, 7))
    scratch.write_bytes(changed)
    with pytest.raises(BackupError):
        read(scratch, keeper)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=strategies.data())
def test_any_cut(made, scratch, data):
    """A backup that ends too early, at any byte, is refused; so is one with something behind it."""
    content, keeper = made
    scratch.write_bytes(content[: data.draw(strategies.integers(0, len(content) - 1))])
    with pytest.raises(BackupError):
        read(scratch, keeper)
    scratch.write_bytes(content + data.draw(strategies.binary(min_size=1, max_size=40)))
    with pytest.raises(BackupDamagedError, match="longer than it says"):
        read(scratch, keeper)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=strategies.binary(max_size=200), as_json=strategies.booleans())
def test_strange_heads(made, scratch, head, as_json):
    """A head that somebody else made up, its digest and all, is refused and never breaks the program."""
    content, keeper = made
    line = head.replace(b"\n", b"") if not as_json else msgspec.json.encode({"program": head.hex()})
    block = header._block(b"masugata-backup 1\n%b\nabcd\n" % line)
    scratch.write_bytes(block + content[header.SIZE :])
    with pytest.raises(BackupError):
        read(scratch, keeper)


def changed_header(made, scratch, **changes):
    """The backup with another head, made by the holder of the root key."""
    content, keeper = made
    own = header.read_header(content[: header.SIZE]).header
    block = header.header_bytes(msgspec.structs.replace(own, **changes), keeper)
    scratch.write_bytes(block + content[header.SIZE :])
    return own


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [({"iam/user": 99}, "format version 99, this program reads 1"), ({"moon/phase": 1}, "reads none")],
)
def test_newer_records(made, scratch, kinds, reason):
    """Records of a newer program are named before anything is read."""
    changed_header(made, scratch, kinds=kinds)
    with pytest.raises(BackupError, match=reason):
        read(scratch, made[1])


def test_head_and_parts_disagree(made, scratch):
    """Counts and lengths that the parts do not have are refused, even if the seal is right."""
    own = header.read_header(made[0][: header.SIZE]).header
    first, *others = own.parts
    for changes in ({"rows": first.rows + 1}, {"length": first.length + 1}, {"length": first.length - 1}):
        changed_header(made, scratch, parts=(msgspec.structs.replace(first, **changes), *others))
        with pytest.raises(BackupDamagedError):
            read(scratch, made[1])
    swapped = (others[0], first, others[1])
    changed_header(made, scratch, parts=swapped)
    with pytest.raises(BackupDamagedError, match="names other parts"):
        read(scratch, made[1])


@given(bodies=strategies.lists(strategies.binary(max_size=3000), max_size=30))
def test_parts_round_trip(tmp_path_factory, bodies):
    """Rows of any size come back as they were, in their order."""
    path = tmp_path_factory.getbasetemp() / "part"
    written = [LastUse(str(number), body) for number, body in enumerate(bodies)]
    with path.open("wb") as file:
        part = write_part(file, "last-uses", written, silent)
    with path.open("rb") as file:
        assert list(read_part(file, part, LastUse, silent)) == written


def test_large_rows(tmp_path):
    """Rows longer than the chunks that are read at once, and well packed ones, come back too."""
    written = [LastUse("zeros", bytes(5_000_000)), LastUse("noise", os.urandom(3_000_000)), LastUse("", b"")]
    with (tmp_path / "part").open("wb") as file:
        part = write_part(file, "last-uses", written, silent)
    with (tmp_path / "part").open("rb") as file:
        assert list(read_part(file, part, LastUse, silent)) == written


def test_bomb(tmp_path):
    """A part unpacks to no more than its head says."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    (tmp_path / "bomb").write_bytes(packer.compress(bytes(300 << 20)) + packer.flush())
    part = header.Part("events", 1, (tmp_path / "bomb").stat().st_size, 100, "")
    seen = []
    with (tmp_path / "bomb").open("rb") as file, pytest.raises(BackupDamagedError, match="longer"):
        seen += read_part(file, part, LastUse, silent)
    assert seen == []
