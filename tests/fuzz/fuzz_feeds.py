"""Fuzz target: whatever a feed answers is a list or a table in order, or an error of ours."""

import contextlib
import ipaddress
from itertools import pairwise

from masugata.engines.waf.ranges import Ranges, pack
from masugata.feeds import FeedError
from masugata.feeds._reading import read_list, read_table

_TABLE = pack("countries", {}, [(n << 9, (n << 9) + 255, "DE") for n in range(1, 40)], [])
SEEDS = (
    b"1.2.3.0/24\n# a comment\n2a00::/24 ; another\n1.2.3.4-1.2.3.9\n",
    b'{"prefixes":[{"ipv4Prefix":"1.2.3.0/24"}]}\n{"cidr":"1.2.4.0/24"}',
    b"".join(b"%d,%d,DE\n" % (n << 9, (n << 9) + 255) for n in range(1, 1_001)),
    b'2a00::,2a00::ffff,"JP"\n1.2.3.0,1.2.3.255,US\n',
    _TABLE,
)
PIECES = (
    b"/",
    b"-",
    b",",
    b"\n",
    b"#",
    b";",
    b"::",
    b"[",
    b"{",
    b'"',
    b"0.0.0.0/0",
    b"\x00",
    b"\xff",
    b"ranges4: ",
)


def fuzz_one(data: bytes) -> None:
    """A finding is an exception of another kind, or a network that is not public or out of order."""
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    with contextlib.suppress(FeedError):
        networks = [ipaddress.ip_network(text) for text in read_list(data)]
    places = [(each.version, int(each[0]), int(each[-1])) for each in networks]
    if not all(network.is_global for network in networks):
        raise AssertionError(networks)
    for before, after in pairwise(places):
        if before[0] == after[0] and before[2] >= after[1]:
            raise AssertionError((before, after))
    with contextlib.suppress(FeedError):
        Ranges(read_table("countries", [data], {}))
    with contextlib.suppress(ValueError):
        Ranges(data)
