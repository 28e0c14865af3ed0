"""`masugata edge`: what its arguments come to, and which mean nothing."""

from pathlib import Path

import pytest

from masugata.cli.edge import _announce, _sites
from masugata.edge.settings import Address, EdgeSettings, EdgeSettingsError, read_forward_auth


def test_web_acls() -> None:
    """A web ACL is for one site, or for all that have none of their own."""
    named = ("all.json", "b=/own.json")
    sites = _sites(("a=:1=:2",), ("b=:3",), (), named)
    assert [(site.name, site.web_acl, site.forward_auth) for site in sites] == [
        ("a", str(Path("all.json").absolute()), False),
        ("b", "/own.json", True),
    ]
    assert [site.web_acl for site in _sites(("a=:1=:2",), (), (), ())] == [None]
    with pytest.raises(EdgeSettingsError, match="`c`"):
        _sites(("a=:1=:2",), (), (), ("c=x.json",))


@pytest.mark.parametrize("host", ["a..b", ".b", "a" * 64 + ".example"])
def test_names_that_nobody_could_have(host: str) -> None:
    """They are refused at the start, not when a client waits."""
    for text in (f"a=:1=c.example:2,{host}:3", f"a={host}:1=:2"):
        with pytest.raises(EdgeSettingsError, match="neither a name nor an address"):
            EdgeSettings(sites=_sites((text,), (), (), ()))
    EdgeSettings(sites=_sites(("a=[::1]:1=my_app.internal.:2",), (), (), ()))


@pytest.mark.parametrize(
    ("web_acl", "fail_open", "said"),
    [
        (None, True, "all pass, uninspected"),
        ("default", True, "while there is no plan to inspect requests by, they pass, uninspected"),
        (None, False, "all are refused"),
    ],
)
def test_what_becomes_of_what_is_not_inspected_is_said(
    web_acl: str | None, fail_open: bool, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody stands open without having been told so at the start."""
    (site,) = _sites(("a=:1=:2",), (), (), () if web_acl is None else (web_acl,))
    settings = EdgeSettings(sites=(site,), fail_open=fail_open)
    _announce(settings, {"a": Address("127.0.0.1", 1)}, as_json=False)
    assert said in capsys.readouterr().out.splitlines()[1]


def test_nothing_more_is_said_of_an_edge_that_inspects(capsys: pytest.CaptureFixture[str]) -> None:
    """Where it is."""
    settings = EdgeSettings(sites=_sites(("a=:1=:2",), (), (), ("default",)))
    _announce(settings, {"a": Address("127.0.0.1", 1)}, as_json=False)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_forward_auth() -> None:
    """Who is asked listens on loopback, unless told otherwise."""
    assert read_forward_auth("shop=:9001").listen == Address("127.0.0.1", 9001)
    assert read_forward_auth("shop=[::1]:9001").listen == Address("::1", 9001)
    for text in ("shop", "shop=9001", "=:9001", "shop=:9001=:3000", "shop=:70000"):
        with pytest.raises(EdgeSettingsError):
            read_forward_auth(text)
    with pytest.raises(EdgeSettingsError, match="needs a site"):
        EdgeSettings(sites=())
