"""CPU microseconds to find country and autonomous system of an address, beside only reading the address.

The peer is `ipaddress.ip_address`, which any look-up by another library begins with. Medians over all
rounds; both take turns over the same addresses, which are drawn at random: no cache helps. Also what the
tables take to load.

    python benchmarks/waf_locations.py [--json]
"""

import ipaddress
import json
import random
import statistics
import sys
import time
import tracemalloc

from masugata.feeds import Feeds

ROUNDS, ADDRESSES = 9, 20_000


def addresses(version: int) -> list[str]:
    """As texts; of IPv6 within what is given out."""
    chance = random.Random(version)  # noqa: S311 - nothing is secret
    if version == 4:
        return [str(ipaddress.IPv4Address(chance.randrange(1 << 24, 224 << 24))) for _ in range(ADDRESSES)]
    return [str(ipaddress.IPv6Address(0x2 << 124 | chance.getrandbits(120))) for _ in range(ADDRESSES)]


def main() -> None:
    """Load, measure, print."""
    tracemalloc.start()
    locations = Feeds(None).locations()
    locations.load()
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    start = time.thread_time()
    Feeds(None).locations().load()
    found: dict[str, float] = {"MiB": memory / (1 << 20), "seconds to load": time.thread_time() - start}
    for version in (4, 6):
        texts = addresses(version)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            begin = time.thread_time_ns()
            for text in texts:
                locations.locate(text)
            middle = time.thread_time_ns()
            for text in texts:
                ipaddress.ip_address(text)
            end = time.thread_time_ns()
            ours.append((middle - begin) / ADDRESSES / 1000)
            theirs.append((end - middle) / ADDRESSES / 1000)
        found[f"IPv{version} us"] = statistics.median(ours)
        found[f"IPv{version} ratio"] = statistics.median(ours) / statistics.median(theirs)
    if "--json" in sys.argv:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:16} {value:8.2f}")


if __name__ == "__main__":
    main()
