"""CPU microseconds that the default managed groups take for a request, beside one scan of its bytes.

The scan is Hyperscan's, of all that the request has but names of headers, for all hints at once. Everyday
requests are those of `benchmarks/waf.py`, with paths and sessions of their own, over and over; with all
headers new no value of one ever comes twice, so that nothing that is remembered of them helps. Medians over
all rounds, after two rounds to warm up; both take turns.

    python benchmarks/waf_plan.py [--json]
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count

import msgspec
from _waf_traffic import everyday

from masugata.engines.waf.environment import Environment, Location
from masugata.engines.waf.managed import Detect, default_groups, managed_groups
from masugata.engines.waf.matching import JoinedEngine, NoDatabases, Scan, choose_engine, hint_pattern, join
from masugata.engines.waf.plan import Plan, compile_plan
from masugata.engines.waf.request import WebRequest
from masugata.web_acl_documents import default_ruleset

ROUNDS = 15
CALLS = 1_000
NOW = datetime(2026, 11, 27, tzinfo=UTC)
NUMBERS = count(1_000_000)

HEADERS = (
    (b"host", b"shop.example.com"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    (b"accept-language", b"en-GB,en;q=0.9,de;q=0.8"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"referer", b"https://shop.example.com/coffee/beans?page=2"),
    (b"cookie", b"session=4f1c0b7a9e2d4c6f8a1b3c5d7e9f0a2b; theme=dark; _ga=GA1.2.1234567890.1700000000"),
    (b"connection", b"keep-alive"),
)
POST = WebRequest(
    method=b"POST",
    uri_path=b"/basket/items",
    headers=(*HEADERS, (b"content-type", b"application/json"), (b"content-length", b"92")),
    body=b'{"item": "ethiopia-yirgacheffe", "grams": 500, "note": "please grind for a French press"}',
    source_ip="192.0.2.1",
)
ATTACK = WebRequest(
    method=b"GET",
    uri_path=b"/coffee/beans",
    query_string=b"q=%3Cscript%3Edocument.location%3D%27https%3A%2F%2Fevil.example%2F%27%3C%2Fscript%3E",
    headers=HEADERS,
    source_ip="192.0.2.1",
)


class World:
    """Knows nothing."""

    def locate(self, _: str) -> Location:
        """Nowhere."""
        return Location()


def default_plan() -> Plan:
    """The groups that a web ACL has that nobody has written."""
    return compile_plan(default_ruleset(65_536), managed=managed_groups(), databases=NoDatabases())


def raw_scan() -> Scan:
    """All hints of the default groups."""
    groups = managed_groups()
    hints: dict[str, None] = {}
    for rule in default_groups():
        reference = rule.statement.managed_rule_group_statement
        if reference is not None:
            for detect in (each.detect for each in groups["AWS", reference.name, None].rules):
                for detector in detect.detectors if isinstance(detect, Detect) else ():
                    hints |= dict.fromkeys(detector.hints)
    return JoinedEngine(choose_engine("hyperscan")).compile(tuple(map(hint_pattern, hints)), NoDatabases())


def browsed(raw: bytes) -> WebRequest:
    """A request as it was sent."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.split(b" ")
    path, _, query = target.partition(b"?")
    pairs = [line.partition(b": ") for line in lines]
    return WebRequest(
        method=method,
        uri_path=path,
        query_string=query,
        headers=tuple((name.lower(), value) for name, _, value in pairs),
        body=body,
        source_ip="192.0.2.1",
    )


def renewed(requests: Sequence[WebRequest]) -> list[WebRequest]:
    """The same with a number behind every value of a header that was behind none before."""
    return [
        msgspec.structs.replace(
            request,
            headers=tuple((name, b"%s %d" % (value, next(NUMBERS))) for name, value in request.headers),
        )
        for request in requests
    ]


def text(request: WebRequest) -> bytes:
    """What is looked at in it."""
    values = (value for _, value in request.headers)
    return join((request.method, request.uri_path, request.query_string, *values, request.body))


def spent(work: Callable[[WebRequest], object], requests: Sequence[WebRequest]) -> float:
    """Microseconds a request."""
    start = time.thread_time_ns()
    for request in requests:
        work(request)
    return (time.thread_time_ns() - start) / len(requests) / 1000


def measure(plan: Plan, scan: Scan, requests: Sequence[WebRequest], *, new: bool) -> tuple[float, float]:
    """Median microseconds of the plan and of the scan; `new`: no header value comes twice."""
    world = World()
    environment = Environment(world, world, world)  # type: ignore[arg-type] # no rule counts or asks for tokens
    texts = {id(request): text(request) for request in requests}
    ours, theirs = [], []
    for number in range(ROUNDS + 2):
        sent = renewed(requests) if new else requests
        found = spent(lambda request: plan.evaluate(request, environment, NOW), sent)
        least = spent(lambda request: scan(texts[id(request)]), requests)
        if number >= 2:
            ours.append(found)
            theirs.append(least)
    return statistics.median(ours), statistics.median(theirs)


def main() -> None:
    """Compile, measure, print."""
    plan, scan = default_plan(), raw_scan()
    traffic = [browsed(sent.raw) for sent in everyday(CALLS)]
    kinds = {
        "everyday": (traffic, False),
        "everyday, all headers new": (traffic, True),
        "POST of JSON": ([POST] * CALLS, False),
        "attack": ([ATTACK] * CALLS, False),
    }
    found = {}
    for name, (requests, new) in kinds.items():
        ours, theirs = measure(plan, scan, requests, new=new)
        found[name] = {"plan": ours, "scan": theirs, "ratio": ours / theirs}
    if "--json" in sys.argv:
        print(json.dumps(found))
        return
    for name, row in found.items():
        print(f"{name:26} {row['plan']:8.1f} us   one scan {row['scan']:6.2f} us   {row['ratio']:6.1f}x")


if __name__ == "__main__":
    main()
