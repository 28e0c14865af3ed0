"""What inspection costs and finds: plain nginx, nginx with ModSecurity and the CRS, and the edge, in one run.

Needs nginx, libnginx-mod-http-modsecurity and modsecurity-crs as Debian has them: paranoia level 1, blocking,
bodies inspected, no audit log. The edge has the default managed rule groups. Each is one process in front of
one nginx; the figure is the processor time of that process over the requests, as medians of rounds that take
turns. Requests that plain nginx itself refuses are left out of what is found.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from _http import free_port, resident_mib, tree
from _waf_traffic import AT_ONCE, Sent, client, everyday, labelled
from edge_proxy import NGINX, PROXY, UPSTREAM, nginx

MODULE = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so"
CRS = ("/etc/modsecurity/crs/crs-setup.conf", "/usr/share/modsecurity-crs/rules/*.conf")
RULES = """SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess Off
SecAuditEngine Off
SecRequestBodyLimit 13107200
SecRule REQUEST_HEADERS:Content-Type "(?:application|text)/(?:soap\\+)?xml" \\
  "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "application/json" \\
  "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
"""
PLAIN, MODSECURITY, EDGE = "nginx", "nginx + ModSecurity + CRS", "masugata edge"
MOST_OF_NGINX, LEAST_OF_CRS, MOST_MIB = 4.0, 20.0, 150.0


@contextmanager
def edge(upstream: int) -> Iterator[tuple[int, int]]:
    """An edge with one worker: the worker's id, and its port."""
    command = [sys.executable, "-m", "masugata", "edge", "--json", "--web-acl", "default"]
    process = subprocess.Popen([*command, f"site=127.0.0.1:0=127.0.0.1:{upstream}"], stdout=subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101
    try:
        ready = json.loads(process.stdout.readline())
        workers = [
            pid
            for pid in tree(process.pid)
            if "masugata.edge.worker" in Path(f"/proc/{pid}/cmdline").read_text("utf-8")
        ]
        yield workers[0], urlsplit(ready["sites"]["site"]).port or 0
    finally:
        process.terminate()
        process.wait()


@contextmanager
def modsecurity(folder: Path, port: int, upstream: int) -> Iterator[int]:
    """An nginx with the CRS: its worker's id."""
    rules = folder / "modsecurity.conf"
    rules.write_text(RULES + "".join(f"Include {path}\n" for path in CRS), "utf-8")
    content = f"modsecurity on; modsecurity_rules_file {rules};\n" + PROXY.format(
        port=port, upstream=upstream
    )
    with nginx(folder, "crs", content, f"load_module {MODULE};\n{NGINX}") as pid:
        yield pid


def cpu_seconds(pid: int) -> float:
    """What all threads of a process have used of the processors, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text("utf-8").split()[0]) for task in tasks) / 1e9


def main() -> None:
    """Measure and print; exit status 1 where a limit is not held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4_000)
    parser.add_argument("--labelled", type=int, default=4_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        upstream, plain, crs = (free_port() for _ in range(3))
        running.enter_context(nginx(folder, "upstream", UPSTREAM.format(port=upstream, body="x" * 512)))
        content = PROXY.format(port=plain, upstream=upstream)
        pids = {PLAIN: running.enter_context(nginx(folder, "plain", content))}
        ports = {PLAIN: plain}
        if Path(MODULE).exists() and Path(CRS[0]).exists():
            pids[MODSECURITY] = running.enter_context(modsecurity(folder, crs, upstream))
            ports[MODSECURITY] = crs
        else:
            print("ModSecurity and the CRS are not installed: they are left out")
        pids[EDGE], ports[EDGE] = running.enter_context(edge(upstream))
        costs = {"everyday": compare(pids, ports, everyday(chosen.requests), chosen.rounds)}
        found = detect(ports, labelled(chosen.labelled))
        harmless = [one for one in labelled(chosen.labelled) if not one.attack]
        costs["labelled, harmless"] = compare(pids, ports, harmless[: chosen.requests], chosen.rounds)
        memory = {kind: resident_mib(pid) for kind, pid in pids.items()}
    sys.exit(report(costs, found, memory))


def compare(
    pids: dict[str, int], ports: dict[str, int], requests: list[Sent], rounds: int
) -> dict[str, float]:
    """Microseconds of processor time a request, by kind."""
    measured: dict[str, list[float]] = {kind: [] for kind in pids}
    for number in range(rounds + 1):
        for kind, pid in pids.items():
            some = requests if kind != MODSECURITY else requests[: len(requests) // 4]
            with client(ports[kind]) as sender:
                sender.send(some[:AT_ONCE])
                before = cpu_seconds(pid)
                sender.send(some)
                spent = cpu_seconds(pid) - before
            if number:  # the first round warms up
                measured[kind].append(spent / len(some) * 1e6)
    return {kind: statistics.median(values) for kind, values in measured.items()}


def detect(ports: dict[str, int], requests: list[Sent]) -> dict[str, tuple[float, float]]:
    """Shares of attacks refused, and of harmless requests, in percent; source code and SQL tools left out."""
    with client(ports[PLAIN]) as sender:
        passed = [
            one
            for one, status in zip(requests, sender.send(requests), strict=True)
            if status == 200 and not one.family.startswith("hard-")
        ]
    found = {}
    for kind in (kind for kind in ports if kind != PLAIN):
        with client(ports[kind]) as sender:
            refused = [status != 200 for status in sender.send(passed)]
        shares = [
            100
            * statistics.mean(no for no, one in zip(refused, passed, strict=True) if one.attack == kind_of)
            for kind_of in (True, False)
        ]
        found[kind] = (shares[0], shares[1])
    return found


def report(
    costs: dict[str, dict[str, float]], found: dict[str, tuple[float, float]], memory: dict[str, float]
) -> int:
    """Print it all; 1 where a limit is not held."""
    held = memory[EDGE] <= MOST_MIB
    for traffic, cost in costs.items():
        print(f"{traffic}:")
        for kind, each in cost.items():
            print(f"  {kind:27}{each:8.1f} us of CPU a request, {each / cost[PLAIN]:6.1f} x nginx")
        print(f"  limit: {MOST_OF_NGINX:.0f} x nginx", end="")
        held = held and cost[EDGE] <= MOST_OF_NGINX * cost[PLAIN]
        if MODSECURITY in cost:
            ratio = cost[MODSECURITY] / cost[EDGE]
            held = held and ratio >= LEAST_OF_CRS
            print(f"; {ratio:.0f} x less than with the CRS, limit {LEAST_OF_CRS:.0f}", end="")
        print()
    for kind, (attacks, harmless) in found.items():
        print(f"{kind:29}refuses {attacks:5.1f} % of attacks, {harmless:5.2f} % of harmless requests")
    for kind, mib in memory.items():
        print(f"{kind:29}{mib:6.1f} MiB resident")
    print("limits held" if held else "LIMITS NOT HELD")
    return 0 if held else 1


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(Path(__file__).parent),)))
    main()
