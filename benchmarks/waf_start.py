"""How long an edge with the default managed rule groups takes to start, beside one without any plan.

With nothing compiled yet, and with the compiled patterns of the start before; from the spawn until it is
ready, all requests inspected from the first. Prints seconds by the clock and of the processors, and memory.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _http import resident_mib, tree

FIRST_SECONDS, CACHED_SECONDS, MOST_MIB = 20.0, 1.0, 150.0
ROUNDS = 5


def start(cache: Path, *arguments: str) -> tuple[float, float, list[float]]:
    """Seconds by the clock, seconds of the processors, and MiB of the supervisor and what it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "masugata", "edge", "--json", *arguments, "a=127.0.0.1:0=127.0.0.1:1"],
        stdout=subprocess.PIPE,
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
    )
    assert process.stdout is not None  # noqa: S101
    process.stdout.readline()
    seconds = time.perf_counter() - begin
    memory = [resident_mib(pid) for pid in tree(process.pid)]
    process.terminate()
    process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, memory


def main() -> None:
    """Measure and print; exit status 1 where a limit is not held."""
    with tempfile.TemporaryDirectory() as name:
        cache = Path(name)
        plain = [start(cache, "--fail-open") for _ in range(ROUNDS)]
        first = start(cache, "--web-acl", "default")
        cached = [start(cache, "--web-acl", "default") for _ in range(ROUNDS)]
    seconds = statistics.median(each[0] for each in cached)
    print(f"without a plan    {statistics.median(each[0] for each in plain):6.2f} s until it is ready")
    print(f"cached patterns   {seconds:6.2f} s, limit {CACHED_SECONDS:.0f}")
    print(f"first compile     {first[0]:6.2f} s, limit {FIRST_SECONDS:.0f}; {first[1]:.1f} s of CPU")
    print("MiB of supervisor and others:", ", ".join(f"{mib:.0f}" for mib in cached[-1][2]))
    held = seconds <= CACHED_SECONDS and first[0] <= FIRST_SECONDS and max(cached[-1][2]) <= MOST_MIB
    print("limits held" if held else "LIMITS NOT HELD")
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
