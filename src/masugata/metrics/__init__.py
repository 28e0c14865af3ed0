"""What this process counts and measures; `metrics.table` lists all of it.

The numbers are the process's and belong to no object: whoever has something to count does so with
`METRICS`, and the server shows them in the text format of Prometheus.
"""

from masugata.metrics.registry import METRICS, Histogram, Metric, Registry, Sample, Timer

__all__ = ["METRICS", "Histogram", "Metric", "Registry", "Sample", "Timer"]
