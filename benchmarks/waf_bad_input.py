"""What hostile requests cost to be read: each of them, in all its parts, at most 5 ms.

Every request is parsed from the start: arguments, headers, cookies, JSON, the values of the body, and what is
oversize. Then come the values of fields, with transformations, that statements would look at. CPU
milliseconds, the median of ROUNDS rounds; the ratio is to an ordinary form of the same size. Then come values
that are made for the detector of scripts, and for that of SQL: the slowest, and their ratio to an honest
one. Exit status 1 if the parsing of a request, or a detector with a value, takes longer than the limit.

    python benchmarks/waf_bad_input.py [--json]
"""

import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable

import msgspec
from _bad_markup import VALUES as MARKUP
from _bad_sql import VALUES as SQL_VALUES

from masugata.engines.waf.definitions.statements import ByteMatchStatement
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.html import XSS
from masugata.engines.waf.detectors.sql import SQL
from masugata.engines.waf.fields import Field, compile_field
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.request import WebRequest

ROUNDS, LIMIT = 9, 5.0
MOST_SHOWN = 12


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


def medians_of(values: dict[str, bytes], measured: Callable[[bytes], float]) -> dict[str, float]:
    """Of each value; the rounds are apart, so that a busy machine does not fall on one of them."""
    rounds = [{name: measured(value) for name, value in values.items()} for _ in range(ROUNDS)]
    return {name: statistics.median([each[name] for each in rounds]) for name in values}


def show_detector(what: str, medians: dict[str, float]) -> None:
    """The honest one, and the slowest of the others."""
    honest = next(iter(medians.values()))
    print(f"  {what:60}      ms   ratio")
    for name, median in sorted(medians.items(), key=lambda item: -item[1])[:MOST_SHOWN]:
        late = "TOO SLOW" if median > LIMIT else ""
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
    slow = [name for name, median in (*parsing.items(), *markup.items(), *sql.items()) if median > LIMIT]
    if "--json" in sys.argv:
        found = {"parsing": parsing, "fields": fields, "markup": markup, "sql": sql}
        print(json.dumps(found | {"limit": LIMIT, "rounds": ROUNDS}))
        return bool(slow)
    ordinary = next(iter(parsing.values()))
    print(f"CPU milliseconds of a request, median of {ROUNDS} rounds; parsing at most {LIMIT:.0f}")
    print(f"  {'':36} parsing   ratio  fields")
    for name, median in parsing.items():
        late = "TOO SLOW" if name in slow else ""
        print(f"  {name:36} {median:7.2f} {median / ordinary:7.1f} {fields[name]:7.2f} {late}")
    show_detector("the detector of scripts", markup)
    show_detector("the detector of SQL", sql)
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())
