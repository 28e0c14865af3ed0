"""Recovery shares: enough of them open the newest root keys, fewer or others nothing."""

from itertools import combinations

import pytest

from masugata.keeper import KeeperError, LocalKeeper, RootKeyError, open_keeper
from masugata.keeper.recovery import make_shares, recover, wrap_for_recovery
from masugata.keeper.ring import RecoveryKeys, RootKeyRing
from masugata.keeper.seals._wrapping import parse_wrapped, read_wrapped


@pytest.fixture
def keeper(tmp_path) -> LocalKeeper:
    """A keeper under a file."""
    return open_keeper("file:root.key", create=True, folder=tmp_path)


def recovered(folder, shares) -> RootKeyRing:
    """The ring that shares open."""
    path = folder / "root.recovery"
    return recover(read_wrapped(path), shares, path)


def test_any_three_of_five_recover(keeper, tmp_path):
    """Any three shares are enough, in any order, as they are typed; more do not harm."""
    shares = keeper.make_recovery(5, 3)
    assert len({*shares}) == 5
    for some in combinations(shares, 3):
        assert recovered(tmp_path, reversed(some)).fingerprint == keeper.fingerprint
    typed = [f"  {share.upper().replace(' ', '   ')}\n" for share in (*shares, shares[0])]
    assert recovered(tmp_path, typed).fingerprint == keeper.fingerprint


def test_fewer_or_changed_shares_recover_nothing(keeper, tmp_path):
    """Two shares of three, the same one three times, a wrong word, shares of others: each is said."""
    one, two, three = keeper.make_recovery(3, 3)
    elsewhere = make_shares(3, 3)[1]
    word = three.split()[-1]
    wrong = three.removesuffix(word) + ("academic" if word != "academic" else "acid")
    for shares, why in (
        ([one, two], "3 different shares are needed, and there are 2"),
        ([one, one, two], "3 different shares are needed, and there are 2"),
        ([], "2 different shares are needed, and there are 0"),
        ([one, two, wrong], "do not fit together"),
        ([one, two, "opensesame"], "do not fit together"),
        ([one, two, elsewhere[2]], "do not fit together"),
        (elsewhere, "not those of"),
    ):
        with pytest.raises(RootKeyError, match=why):
            recovered(tmp_path, shares)


def test_shares_outlive_a_rotation(keeper, tmp_path):
    """After new root keys, and after another seal, the same shares open the ring of now."""
    shares = keeper.make_recovery(3, 2)
    keeper.add_root_key()
    keeper.migrate_seal("file:other.key", b"")
    keeper.add_root_key()
    assert recovered(tmp_path, shares[:2]).numbers == (1, 2, 3)
    again = open_keeper("file:other.key", create=False, folder=tmp_path)
    again.forget_root_key(1)
    assert recovered(tmp_path, shares[1:]).numbers == (2, 3)
    assert recovered(tmp_path, shares[1:]).fingerprint == again.fingerprint


def test_new_shares_end_the_old_ones(keeper, tmp_path):
    """Who made new shares has taken the power from the old ones."""
    old, new = keeper.make_recovery(3, 2), keeper.make_recovery(3, 2)
    with pytest.raises(RootKeyError, match="not those of"):
        recovered(tmp_path, old)
    assert recovered(tmp_path, new).numbers == (1,)


def test_nobody_else_can_make_what_shares_open():
    """Who knows the public key alone can plant no ring of their own: the file is refused."""
    keys, shares = make_shares(3, 2)
    planted = wrap_for_recovery(RootKeyRing({1: b"x" * 32}, RecoveryKeys(keys.public, b"?" * 32)))
    with pytest.raises(RootKeyError, match="was changed, or not made by who held the root keys"):
        recover(parse_wrapped(planted, "planted"), shares, "planted")


def test_every_changed_byte_is_noticed(keeper, tmp_path):
    """No byte of the recovery file can be changed unnoticed."""
    shares = keeper.make_recovery(2, 2)
    path = tmp_path / "root.recovery"
    text = path.read_bytes()
    for at in range(0, len(text), 7):
        path.write_bytes(text[:at] + bytes((text[at] ^ 1,)) + text[at + 1 :])
        with pytest.raises(RootKeyError):
            recovered(tmp_path, shares)


@pytest.mark.parametrize(("shares", "threshold"), [(1, 1), (5, 1), (3, 4), (17, 3), (0, 0)])
def test_shares_are_bounded(keeper, tmp_path, shares, threshold):
    """One share alone would be a second key, and more than sixteen there cannot be."""
    with pytest.raises(KeeperError, match="2 to 16 shares"):
        keeper.make_recovery(shares, threshold)
    assert not (tmp_path / "root.recovery").exists()


def test_no_file_of_recovery_without_shares(keeper, tmp_path):
    """A rotation makes no recovery file where nobody has shares."""
    keeper.add_root_key()
    assert not (tmp_path / "root.recovery").exists()
    assert not keeper.status().recovery
