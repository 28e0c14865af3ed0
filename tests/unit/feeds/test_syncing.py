"""A feed is replaced by a newer one that is whole, or stays as it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from masugata.engines.waf.addresses import parse_address
from masugata.feeds import FeedError, Feeds, _fetching, take, update

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
TWENTY = b"".join(b"1.2.%d.0/24\n" % (2 * n) for n in range(30))


@pytest.fixture
def feeds(tmp_path):
    """Those of an empty data directory."""
    return Feeds(tmp_path)


def test_fetched_kept_and_used(feeds, publisher) -> None:
    """After it was fetched the list holds its addresses, and what is known of it is told."""
    before = feeds.stamp()
    assert update(feeds, "reputation", [publisher.publish("/l", TWENTY, etag='"1"')], NOW) == "updated"
    found = feeds.lists()["reputation"]
    assert parse_address("1.2.4.9") in found
    assert parse_address("1.2.5.9") not in found
    about = feeds.about("reputation")
    assert (about.entries, about.fetched, about.validator) == (30, "2026-11-27T09:30:00+00:00", '"1"')
    assert feeds.stamp() != before


def test_what_has_not_changed_is_not_sent_again(feeds, publisher) -> None:
    """The server's ETag is shown to it, but not to another server."""
    url = publisher.publish("/l", TWENTY, etag='"1"')
    update(feeds, "ddos", [url], NOW)
    assert update(feeds, "ddos", [url], NOW) == "unchanged"
    other = publisher.publish("/m", TWENTY, etag='"1"')
    assert update(feeds, "ddos", [other], NOW) == "updated"
    assert [validator for _, validator in publisher.asked] == [None, '"1"', None]


def test_several_urls_are_one_feed(feeds, publisher) -> None:
    """Their entries are joined."""
    urls = [publisher.publish("/a", b"1.2.3.4\n"), publisher.publish("/b", b"1.2.3.5\n")]
    update(feeds, "anonymous", urls, NOW)
    assert parse_address("1.2.3.4") in feeds.lists()["anonymous"]
    assert parse_address("1.2.3.5") in feeds.lists()["anonymous"]


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        (b"", 200, "no public address"),
        (b"<html>\n<p>\nmaintenance\n", 200, "no addresses"),
        (b"1.2.3.4\n", 200, "has shrunk from 30 to 1"),
        (TWENTY, 500, "answers 500"),
        (TWENTY, 404, "answers 404"),
    ],
)
def test_the_last_good_one_is_kept(feeds, publisher, body, status, why) -> None:
    """Whatever comes instead."""
    url = publisher.publish("/l", TWENTY)
    update(feeds, "reputation", [url], NOW)
    kept = feeds.paths("reputation").content.read_bytes()
    publisher.publish("/l", body, status)
    with pytest.raises(FeedError, match=why):
        update(feeds, "reputation", [url], NOW)
    assert feeds.paths("reputation").content.read_bytes() == kept
    assert [
        path.name for path in feeds.paths("reputation").content.parent.iterdir() if path.name[0] == "."
    ] == []


def test_shrunken_on_purpose(feeds, publisher) -> None:
    """If it is said, the small list is taken."""
    url = publisher.publish("/l", TWENTY)
    update(feeds, "reputation", [url], NOW)
    publisher.publish("/l", b"1.2.3.4\n")
    assert update(feeds, "reputation", [url], NOW, shrunken=True) == "updated"


def test_answers_without_an_end(feeds, publisher, monkeypatch) -> None:
    """Size and time of an answer have an end, and an answer that is cut off is none."""
    url = publisher.publish("/l", TWENTY)
    monkeypatch.setattr(_fetching, "LARGEST", 100)
    with pytest.raises(FeedError, match="has more than"):
        update(feeds, "reputation", [url], NOW)
    monkeypatch.setattr(_fetching, "LARGEST", 1 << 20)
    monkeypatch.setattr(_fetching, "SECONDS", 0.0)
    with pytest.raises(FeedError, match="took longer"):
        update(feeds, "reputation", [url], NOW)
    monkeypatch.undo()
    cut = publisher.publish("/c", TWENTY, **{"content-length": str(len(TWENTY) + 5), "connection": "close"})
    with pytest.raises(FeedError):
        update(feeds, "reputation", [cut], NOW)


def test_redirects(feeds, publisher) -> None:
    """Some are followed, none to where a feed could be changed on its way, and not for ever."""
    publisher.publish("/l", TWENTY)
    moved = publisher.publish("/moved", b"", 302, location="/l")
    assert update(feeds, "reputation", [moved], NOW) == "updated"
    away = publisher.publish("/away", b"", 301, location="http://feeds.example/l")
    with pytest.raises(FeedError, match="use https"):
        update(feeds, "reputation", [away], NOW)
    ring = publisher.publish("/ring", b"", 301, location="/ring")
    with pytest.raises(FeedError, match="redirects"):
        update(feeds, "reputation", [ring], NOW)


@pytest.mark.parametrize(
    "url",
    ["ftp://feeds.example/l", "http://feeds.example/l", "https://user:pw@feeds.example/l", "https:///l", "l", "https://[/l",
     "https://feeds.example/a b", "https://feeds.example/é"],
)  # fmt: skip
def test_urls_that_are_refused(feeds, url) -> None:
    """Nothing is asked of them."""
    with pytest.raises(FeedError):
        update(feeds, "reputation", [url], NOW)


def test_from_files(feeds, tmp_path) -> None:
    """A machine without internet takes lists and tables from files."""
    path = tmp_path / "list.txt"
    path.write_bytes(TWENTY)
    assert take(feeds, "hosting", [path], NOW) == "updated"
    rows = b"".join(b"%d,%d,XK\n" % (n << 9, (n << 9) + 255) for n in range(1, 2_000))
    path.write_bytes(rows)
    take(feeds, "countries", [path], NOW)
    assert feeds.locations().locate("0.0.2.1").country == "XK"
    with pytest.raises(FeedError, match="cannot read"):
        take(feeds, "hosting", [tmp_path / "none"], NOW)


def test_names_and_damage(feeds) -> None:
    """Names that are no feeds, and kept files that are damaged, are errors that name them."""
    with pytest.raises(FeedError, match="`nothing` is not a feed"):
        feeds.paths("nothing")
    with pytest.raises(FeedError, match="no data directory"):
        Feeds(None).paths("ddos")
    paths = feeds.paths("ddos")
    paths.content.parent.mkdir()
    paths.content.write_text("nonsense\n")
    with pytest.raises(FeedError, match=r"ddos\.txt"):
        feeds.lists()
    paths.about.write_text("{")
    with pytest.raises(FeedError, match="is damaged"):
        feeds.about("ddos")
    feeds.paths("systems").content.write_text("x")
    with pytest.raises(FeedError, match=r"systems\.bin"):
        feeds.locations().locate("192.0.2.1")


def test_what_comes_with_the_program() -> None:
    """Without a data directory the tables answer, with their date, and there are no lists."""
    feeds = Feeds(None)
    found = feeds.locations().locate("8.8.8.8")
    assert (found.country, found.asn) == ("US", 15169)
    assert feeds.locations().locate("2001:4860:4860::8888").asn == 15169
    assert feeds.locations().locate("127.0.0.1") == feeds.locations().locate("10.0.0.1")
    assert feeds.shipped("countries") == feeds.shipped("systems") == "2026-06-17"
    assert feeds.lists() == {}
    assert feeds.stamp() == ()


def test_the_tables_that_come_with_it_stay_small() -> None:
    """Three megabytes, and their licences are told in the notice of the project."""
    folder = Path(_fetching.__file__).parent / "data"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3_000_000
