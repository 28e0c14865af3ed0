"""What hostile requests cost, read in all their parts and decided by the default web ACL: at most 5 ms each.

Every request is parsed from the start: arguments, headers, cookies, JSON, the values of the body, and what is
oversize. Then come the values of fields, with transformations, that statements would look at. CPU
milliseconds, the median of ROUNDS rounds; the ratio is to an ordinary form of the same size. Then come values
that are made for the detector of scripts, and for that of SQL: the slowest, and their ratio to an honest
one. Last, all requests, with the headers of a browser, and more that are made for inspection, are decided by
the groups that a web ACL has by default. Honest bodies of the same size are shown beside them. Exit status 1
if the parsing of a request, a detector with a value, or the web ACL with a hostile request takes longer than
the limit.

    python benchmarks/waf_bad_input.py [--json]
"""

import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from _bad_markup import VALUES as MARKUP
from _bad_requests import BODY_LIMIT, HONEST, INSPECTED, REQUESTS
from _bad_sql import VALUES as SQL_VALUES
from waf_plan import World, default_plan

from masugata.engines.waf.definitions.statements import ByteMatchStatement
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.html import XSS
from masugata.engines.waf.detectors.sql import SQL
from masugata.engines.waf.environment import Environment
from masugata.engines.waf.fields import Field, compile_field
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.request import WebRequest

ROUNDS, LIMIT = 9, 5.0
MOST_SHOWN = 12
Input = TypeVar("Input")
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def field(part: str, *transformations: str, **settings: object) -> Field:
    """A field as a statement names it."""
    steps = [{"Priority": number, "Type": name} for number, name in enumerate(transformations)]
    statement = {
        "FieldToMatch": {part: settings}, "TextTransformations": steps,
        "SearchString": b"x", "PositionalConstraint": "CONTAINS",
    }  # fmt: skip
    return compile_field(msgspec.convert(statement, ByteMatchStatement, builtin_types=(bytes,)))


FIELDS = (
    field("AllQueryArguments", "URL_DECODE"),
    field("UriPath", "NORMALIZE_PATH"),
    field("Body", OversizeHandling="CONTINUE"),
    field(
        "JsonBody", MatchPattern={"IncludedPaths": ["/a/b"]}, MatchScope="ALL", OversizeHandling="CONTINUE"
    ),
    field("Headers", MatchPattern={"All": {}}, MatchScope="ALL", OversizeHandling="CONTINUE"),
    field("Cookies", MatchPattern={"All": {}}, MatchScope="ALL", OversizeHandling="CONTINUE"),
)


def parse(request: WebRequest) -> ParsedRequest:
    """Everything that can be asked of a request."""
    parsed = ParsedRequest(request, BODY_LIMIT)
    parsed.arguments()
    parsed.headers()
    parsed.cookies()
    parsed.json()
    parsed.body_values()
    parsed.oversize()
    return parsed


def measure(request: WebRequest) -> tuple[float, float]:
    """CPU milliseconds of the parsing, and of the fields after it."""
    start = time.process_time()
    parsed = parse(request)
    middle = time.process_time()
    for compiled in FIELDS:
        compiled.values(parsed)
    return (middle - start) * 1e3, (time.process_time() - middle) * 1e3


def measure_markup(value: bytes) -> float:
    """CPU milliseconds of the detector of scripts."""
    start = time.process_time()
    XSS.detect(value, Place.FORM_FIELD)
    return (time.process_time() - start) * 1e3


def measure_sql(value: bytes) -> float:
    """CPU milliseconds of the detector of SQL, at the place where it looks at most."""
    start = time.process_time()
    SQL.detect(value, Place.RAW_BODY)
    return (time.process_time() - start) * 1e3


def web_acl() -> Callable[[WebRequest], float]:
    """CPU milliseconds of the default web ACL."""
    plan = default_plan()
    world = World()
    environment = Environment(world, world, world)  # type: ignore[arg-type] # asked for places only

    def measured(request: WebRequest) -> float:
        start = time.process_time()
        plan.evaluate(request, environment, NOW)
        return (time.process_time() - start) * 1e3

    return measured


def medians_of(inputs: Mapping[str, Input], measured: Callable[[Input], float]) -> dict[str, float]:
    """Of each input; the rounds are apart, so that a busy machine does not fall on one of them."""
    rounds = [{name: measured(each) for name, each in inputs.items()} for _ in range(ROUNDS)]
    return {name: statistics.median([each[name] for each in rounds]) for name in inputs}


def show(what: str, medians: dict[str, float], limit: float = LIMIT) -> None:
    """The honest one, and the slowest of the others, with all that are too slow."""
    honest = next(iter(medians.values()))
    print(f"  {what:60}      ms   ratio")
    for number, (name, median) in enumerate(sorted(medians.items(), key=lambda item: -item[1])):
        late = "TOO SLOW" if median > limit else ""
        if late or number < MOST_SHOWN:
            print(f"  {name:60} {median:7.2f} {median / honest:7.1f} {late}")
    print(f"  {next(iter(medians)):60} {honest:7.2f} {1:7.1f}")


def main() -> int:
    """Measure all in turn and print medians and ratios."""
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in REQUESTS}
    for _ in range(ROUNDS):
        for name, request in REQUESTS.items():
            rows[name].append(measure(request))
    parsing = {name: statistics.median([row[0] for row in row_list]) for name, row_list in rows.items()}
    fields = {name: statistics.median([row[1] for row in row_list]) for name, row_list in rows.items()}
    markup, sql = medians_of(MARKUP, measure_markup), medians_of(SQL_VALUES, measure_sql)
    decide = web_acl()
    inspected, honest = medians_of(INSPECTED, decide), medians_of(HONEST, decide)
    late = {name for name, median in parsing.items() if median > LIMIT}
    slow = late or any(median > LIMIT for each in (markup, sql, inspected) for median in each.values())
    if "--json" in sys.argv:
        found = {
            "parsing": parsing,
            "fields": fields,
            "markup": markup,
            "sql": sql,
            "web ACL": inspected,
            "honest": honest,
        }
        print(json.dumps(found | {"limit": LIMIT, "rounds": ROUNDS}))
        return bool(slow)
    ordinary = next(iter(parsing.values()))
    print(f"CPU milliseconds of a request, median of {ROUNDS} rounds; parsing at most {LIMIT:.0f}")
    print(f"  {'':36} parsing   ratio  fields")
    for name, median in parsing.items():
        mark = "TOO SLOW" if name in late else ""
        print(f"  {name:36} {median:7.2f} {median / ordinary:7.1f} {fields[name]:7.2f} {mark}")
    show("the detector of scripts", markup)
    show("the detector of SQL", sql)
    show("the default web ACL", inspected)
    show("the same, and honest bodies of 64 KiB, without a limit", honest, math.inf)
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())
