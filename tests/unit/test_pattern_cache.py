"""Compiled patterns on the disk."""

import os

import pytest

from masugata import pattern_cache
from masugata.pattern_cache import PatternCache, user_cache


@pytest.fixture
def folder(tmp_path):
    """A folder that is not there yet."""
    return tmp_path / "a" / "patterns"


def test_what_was_put_is_found_by_others(folder):
    """Another process with the same folder gets the bytes, and only under the same key."""
    PatternCache(folder).put("key", b"value")
    assert PatternCache(folder).get("key") == b"value"
    assert PatternCache(folder).get("other") is None
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_that_others_may_write_to_is_not_believed(folder, mode):
    """What is read is run; so nothing is read, and nothing put, where somebody else could have written."""
    cache = PatternCache(folder)
    cache.put("key", b"value")
    folder.chmod(mode)
    assert cache.get("key") is None
    cache.put("more", b"value")
    folder.chmod(0o700)
    assert cache.get("more") is None
    assert cache.get("key") == b"value"


def test_a_folder_behind_a_link_is_not_believed(folder, tmp_path):
    """Whoever owns the link could point it elsewhere."""
    PatternCache(folder).put("key", b"value")
    (tmp_path / "link").symlink_to(folder)
    assert PatternCache(tmp_path / "link").get("key") is None


def test_damaged_entries_are_as_if_they_were_not_there(folder):
    """A changed or cut byte is noticed before anything is run."""
    cache = PatternCache(folder)
    cache.put("key", b"value")
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for damaged in (whole[:-1], whole[:-1] + b"X", b"", whole[:10]):
        file.write_bytes(damaged)
        assert cache.get("key") is None


def test_an_entry_does_not_pass_for_another(folder):
    """A file under the name of another key is not its value."""
    cache = PatternCache(folder)
    cache.put("one", b"1")
    cache.put("two", b"2")
    one, two = cache._file("one"), cache._file("two")
    one.replace(two)
    assert cache.get("two") is None


def test_the_folder_does_not_grow_without_end(folder, monkeypatch):
    """What was not used for longest goes first."""
    monkeypatch.setattr(pattern_cache, "MOST_BYTES", 3 * (32 + 10))
    cache = PatternCache(folder)
    for number, key in enumerate("abc"):
        cache.put(key, b"x" * 10)
        os.utime(cache._file(key), (number, number))
    assert cache.get("a") is not None  # used now
    cache.put("d", b"x" * 10)
    assert [cache.get(key) is not None for key in "abcd"] == [True, False, True, True]


def test_nowhere_to_write_is_no_error(tmp_path):
    """Without a folder patterns are compiled each time."""
    (tmp_path / "file").write_bytes(b"")
    cache = PatternCache(tmp_path / "file" / "patterns")
    cache.put("key", b"value")
    assert cache.get("key") is None


def test_the_users_folder_follows_xdg(monkeypatch):
    """An absolute XDG_CACHE_HOME, else .cache in the home directory."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert str(user_cache()) == "/somewhere/masugata/patterns"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/people/hanako")
    assert str(user_cache()) == "/people/hanako/.cache/masugata/patterns"
