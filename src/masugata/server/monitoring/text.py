"""The text format of Prometheus.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import platform
from collections.abc import Iterable, Iterator

from masugata import __version__
from masugata.metrics import Histogram, Metric, Sample
from masugata.metrics.table import TABLE
from masugata.server.monitoring.process import PROCESS_METRICS

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUILD = Metric("masugata_build_info", "Always 1; the labels say what runs.", ("version", "python"), "gauge")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def exposition(samples: Iterable[Sample]) -> str:
    """All samples, each under the name that its metric has in the table; those of no metric are left out."""
    build = Sample(_BUILD.name, (__version__, platform.python_version()), (1,))
    by_name: dict[str, list[Sample]] = {}
    for sample in (*samples, build):
        by_name.setdefault(sample.name, []).append(sample)
    lines: list[str] = []
    for metric in (*TABLE, *PROCESS_METRICS, _BUILD):
        kind = "histogram" if isinstance(metric, Histogram) else metric.kind.replace("maximum", "gauge")
        lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {kind}"]
        for sample in sorted(by_name.get(metric.name, ()), key=lambda sample: sample.labels):
            lines += _histogram(metric, sample) if isinstance(metric, Histogram) else [_line(metric, sample)]
    return "\n".join([*lines, ""])


def _line(metric: Metric, sample: Sample) -> str:
    return f"{metric.name}{_labels(metric.labels, sample.labels)} {_number(sample.values[0])}"


def _histogram(metric: Histogram, sample: Sample) -> Iterator[str]:
    *buckets, total = sample.values
    count = 0.0
    for bound, inside in zip((*map(_number, metric.bounds), "+Inf"), buckets, strict=True):
        count += inside
        labels = _labels((*metric.labels, "le"), (*sample.labels, bound))
        yield f"{metric.name}_bucket{labels} {_number(count)}"
    labels = _labels(metric.labels, sample.labels)
    yield f"{metric.name}_sum{labels} {_number(total)}"
    yield f"{metric.name}_count{labels} {_number(count)}"


def _labels(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    pairs = (f'{name}="{value.translate(_ESCAPES)}"' for name, value in zip(names, values, strict=True))
    text = ",".join(pairs)
    return f"{{{text}}}" if text else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
