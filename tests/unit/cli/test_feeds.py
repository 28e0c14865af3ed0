"""`masugata feeds`."""

import json
import os


def test_sync_from_a_file_and_status(masugata, tmp_path) -> None:
    """A list that is taken from a file is told by status; what was not fetched is told too."""
    path = tmp_path / "list.txt"
    path.write_text("1.2.3.0/24\n")
    done = masugata("feeds", "sync", "reputation", "--file", path, "--data", tmp_path / "data")
    assert (done.status, done.out) == (0, "reputation: updated\n")
    shown = masugata("feeds", "status", "--data", tmp_path / "data")
    assert "reputation             1 entries, fetched " in shown.out
    assert "countries              as shipped, of 2026-06-17" in shown.out
    assert "anonymous              never fetched" in shown.out
    rows = json.loads(masugata("feeds", "status", "--json", "--data", tmp_path / "data").out)
    assert next(row for row in rows if row["name"] == "reputation")["entries"] == 1


def test_sync_of_the_setting(masugata, tmp_path, monkeypatch) -> None:
    """One feed that cannot be fetched is told, and is what the exit status is for."""
    monkeypatch.setenv("MASUGATA_FEEDS", "ddos=http://127.0.0.1:1/l,ddos=http://127.0.0.1:1/m")
    done = masugata("feeds", "sync", "--data", tmp_path / "data")
    assert done.status == 1
    assert "ddos: no answer from `http://127.0.0.1:1/l`" in done.err
    assert masugata("feeds", "sync", "anonymous", "--data", tmp_path / "data").status == 2
    assert masugata("feeds", "sync", "--file", __file__, "--data", tmp_path / "data").status == 2


def test_sync_of_no_setting(masugata, tmp_path) -> None:
    """Whoever relies on lists learns that none is fetched."""
    done = masugata("feeds", "sync", "--data", tmp_path / "data")
    assert done.status == 2
    assert "`feeds` names no URL" in done.err


def test_a_url_that_is_none(masugata, tmp_path, monkeypatch) -> None:
    """It is one feed that is not taken, and no traceback."""
    monkeypatch.setenv("MASUGATA_FEEDS", "ddos=https://lists.example:99999/l")
    done = masugata("feeds", "sync", "--data", tmp_path / "data")
    assert done.status == 1
    assert "ddos: 'https://lists.example:99999/l' is not a URL" in done.err


def test_a_file_that_is_no_list(masugata, tmp_path) -> None:
    """Nothing is kept of it, and the exit status is that of a feed which was not taken."""
    path = tmp_path / "list.txt"
    path.write_text("no\nlist\nat all\n")
    done = masugata("feeds", "sync", "ddos", "--file", path, "--data", tmp_path / "data")
    assert done.status == 1
    assert "ddos: " in done.err
    assert "are no addresses" in done.err
    assert not (tmp_path / "data" / "feeds").exists()


def test_a_file_for_no_feed(masugata, tmp_path) -> None:
    """A name that is misspelled is a mistake in the call, not a feed that was not taken."""
    done = masugata("feeds", "sync", "reputations", "--file", __file__, "--data", tmp_path / "data")
    assert done.status == 2
    assert "`reputations` is not a feed" in done.err


def test_a_file_without_an_end(masugata, tmp_path) -> None:
    """A pipe that nobody writes into is not waited for."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = masugata("feeds", "sync", "reputation", "--file", pipe, "--data", tmp_path / "data")
    assert done.status == 1
    assert "is not a file" in done.err
