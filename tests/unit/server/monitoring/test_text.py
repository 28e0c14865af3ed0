"""The text format, as Prometheus reads it."""

import re

from masugata.metrics import Histogram, Sample
from masugata.metrics.table import DENIALS, REQUEST_SECONDS, REQUESTS, TABLE
from masugata.server.monitoring import exposition

LABELS = r'\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\}'
LINE = re.compile(rf"[a-z_]+(?:{LABELS})? [0-9.e+-]+")


def test_lines():
    """Every line is a comment or a sample; a metric's stand together under its help and type."""
    text = exposition(
        [
            Sample(REQUESTS.name, ("iam", "GetUser", "2xx"), (3,)),
            Sample(REQUESTS.name, ("iam", 'a"b\\c\nd', "4xx"), (1,)),
            Sample("unknown", (), (1,)),
        ]
    )
    assert text.endswith("\n")
    for line in text.splitlines():
        assert line.startswith("# ") or LINE.fullmatch(line), line
    assert '{service="iam",operation="a\\"b\\\\c\\nd",status="4xx"} 1\n' in text
    assert 'masugata_requests_total{service="iam",operation="GetUser",status="2xx"} 3\n' in text
    assert "unknown" not in text
    assert 'masugata_build_info{version="' in text
    for metric in TABLE:
        kind = "histogram" if isinstance(metric, Histogram) else "counter|gauge"
        assert re.search(rf"# HELP {metric.name} .+\n# TYPE {metric.name} ({kind})\n", text)


def test_histogram():
    """Buckets are added up to their ends; the last one, the count and the sum say the same as the values."""
    values = [0] * (len(REQUEST_SECONDS.bounds) + 2)
    values[0], values[1], values[-2], values[-1] = 2, 1, 1, 7.25
    lines = exposition([Sample(REQUEST_SECONDS.name, ("iam",), tuple(values))]).splitlines()
    found = [line for line in lines if line.startswith("masugata_request_seconds")]
    assert found[:2] == [
        'masugata_request_seconds_bucket{service="iam",le="0.0005"} 2',
        'masugata_request_seconds_bucket{service="iam",le="0.001"} 3',
    ]
    assert found[-3:] == [
        'masugata_request_seconds_bucket{service="iam",le="+Inf"} 4',
        'masugata_request_seconds_sum{service="iam"} 7.25',
        'masugata_request_seconds_count{service="iam"} 4',
    ]


def test_names():
    """Names follow Prometheus' conventions: counters end in `_total`, and every name is there once."""
    names = [metric.name for metric in TABLE]
    assert len(set(names)) == len(names)
    assert DENIALS in TABLE
    for metric in TABLE:
        counter = not isinstance(metric, Histogram) and metric.kind == "counter"
        assert metric.name.endswith("_total") == counter
        assert metric.name.startswith("masugata_")
