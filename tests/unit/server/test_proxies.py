"""What trusted proxies may say of the client behind them, and what clients cannot."""

import pytest

from masugata.errors import AwsError
from masugata.server.proxies import TrustedProxies, plain_address

PROXIES = TrustedProxies(["10.0.0.0/8", "fd00::/16", "192.0.2.77"])


def ip(*chain, peer="10.0.0.1"):
    """The client's address after these X-Forwarded-For headers."""
    return PROXIES.client([("x-forwarded-for", value) for value in chain], peer, secure=False)[0]


def secure(*protos, peer="10.0.0.1", tls=False, chain=("203.0.113.9",)):
    """Whether the way was secure after these X-Forwarded-Proto headers."""
    headers = [("x-forwarded-for", value) for value in chain]
    headers += [("x-forwarded-proto", value) for value in protos]
    return PROXIES.client(headers, peer, secure=tls)[1]


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9, 10.1.1.1"], "203.0.113.9"),
        (["203.0.113.9", "10.1.1.1, 192.0.2.77"], "203.0.113.9"),
        (["10.9.9.9, 203.0.113.9"], "203.0.113.9"),
        (["127.0.0.1, 203.0.113.9, 10.2.2.2"], "203.0.113.9"),
        (["rubbish, <script>, 203.0.113.9"], "203.0.113.9"),
        (["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        (["2001:db8::9"], "2001:db8::9"),
        (["2001:DB8:0::9, fd00::1"], "2001:db8::9"),
        (["::ffff:203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9, ::ffff:10.1.1.1"], "203.0.113.9"),
        (["203.0.113.9:50123"], "203.0.113.9"),
        (["[2001:db8::9]:50123"], "2001:db8::9"),
        (["[2001:db8::9]"], "2001:db8::9"),
        ([], "10.0.0.1"),
    ],
)
def test_client_address(chain, address):
    """The client is the last address that no trusted proxy has; what stands before it does not count."""
    assert ip(*chain) == address


@pytest.mark.parametrize("peer", ["203.0.113.9", "192.0.2.78", "fd01::1", "::ffff:203.0.113.9", ""])
def test_strangers_cannot_forward(peer):
    """From a peer that is not trusted, nothing of it counts."""
    headers = [("x-forwarded-for", "10.1.1.1"), ("x-forwarded-proto", "https")]
    assert PROXIES.client(headers, peer, secure=False) == (plain_address(peer) or peer, False)


@pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1", "fd00::5", "192.0.2.77", "fd00::5%eth0"])
def test_trusted_peers(peer):
    """Networks and single addresses of both families are trusted, however the socket spells them."""
    assert ip("203.0.113.9", peer=peer) == "203.0.113.9"


@pytest.mark.parametrize(
    "hop", ["unknown", "", "_hidden", "10.0.0", "203.0.113.9, ", "1.2.3.4.5", "[::1", "::g"]
)
def test_hop_that_is_no_address(hop):
    """Where a trusted proxy says something else than an address, nobody knows the client: refused."""
    with pytest.raises(AwsError) as caught:
        ip(hop)
    assert caught.value.status == 400


def test_secure_way():
    """Only if all proxies say `https` was the whole way secure; silence is no answer."""
    assert secure("https")
    assert secure("HTTPS, https")
    assert secure("https", "https")
    assert not secure("http")
    assert not secure("https, http")
    assert not secure("http, https")
    assert not secure("https", "")
    assert not secure("wss")
    assert not secure(tls=True), "the proxy's own TLS says nothing of the client's"
    assert not secure("https", peer="203.0.113.1")
    assert secure(peer="203.0.113.1", tls=True)


def test_the_proxy_itself():
    """A trusted proxy that forwards for nobody speaks for itself."""
    assert PROXIES.client([], "10.0.0.1", secure=True) == ("10.0.0.1", True)
    assert PROXIES.client([], "10.0.0.1", secure=False) == ("10.0.0.1", False)


def test_long_chain():
    """A chain of very many hops is walked from its end and no further than it must."""
    chain = ",".join(["10.0.0.1"] * 5000 + ["203.0.113.9"] + ["10.0.0.2"] * 2)
    assert ip(chain) == "203.0.113.9"
