"""What the edge costs beside nginx's `proxy_pass`: processor time for each request, side by side in one run.

Needs nginx and wrk. One process each of: nginx as the upstream, nginx in front of it, the edge without a plan
(`--fail-open`) and the edge with an inspector that allows everything. wrk calls them in turn, several
rounds; the figure is the processor time of the proxy's process (user and system) over the requests it
answered, as medians.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from _http import free_port, tree

from masugata.edge.inspection import Inspector
from masugata.edge.plans import Plans
from masugata.edge.settings import EdgeSettings, SiteSettings, read_site
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest

NGINX = """worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  {content}
}}
"""
UPSTREAM = """server {{ listen 127.0.0.1:{port};
  location / {{ default_type text/html; return 200 "{body}"; }} }}"""
PROXY = """upstream up {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://up; proxy_http_version 1.1;
  proxy_set_header Connection ""; proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Port $server_port; }} }}"""
# As a browser asks; one request of five is a small form.
WRK = """local headers = {
  ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  ["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  ["Accept-Language"] = "en-US,en;q=0.5", ["Accept-Encoding"] = "gzip, deflate, br",
  ["Sec-Fetch-Dest"] = "document", ["Sec-Fetch-Mode"] = "navigate", ["Sec-Fetch-Site"] = "same-origin",
  ["Upgrade-Insecure-Requests"] = "1", ["Connection"] = "keep-alive",
}
local count = 0
function request()
  count = count + 1
  headers["Cookie"] = "session=" .. count .. "; theme=dark"
  headers["Content-Type"] = nil
  if count % 5 == 0 then
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return wrk.format("POST", "/cart", headers, "item=" .. count .. "&amount=2")
  end
  return wrk.format("GET", "/item/" .. count .. "?page=2&sort=price", headers)
end
"""


class Allowing:
    """An inspector that does no work."""

    def __init__(self) -> None:
        self._decision = Decision("ALLOW")

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """Allow."""
        del request, now
        return self._decision


def allow(site: SiteSettings, plans: Plans) -> None:
    """The plan source of the edge under measurement."""
    del site
    inspector: Inspector = Allowing()
    plans.replace(inspector)


def serve_edge(site: str, *, inspected: bool) -> None:
    """Be an edge, in the foreground."""
    from masugata.edge.supervisor import Supervisor  # noqa: PLC0415

    settings = EdgeSettings(
        sites=(read_site(site),),
        fail_open=not inspected,
        plan_source="edge_proxy:allow" if inspected else None,
    )
    Supervisor(settings, lambda _: print("ready", flush=True)).run()


@contextmanager
def nginx(folder: Path, name: str, content: str, template: str = NGINX) -> Iterator[int]:
    """An nginx; the id of its worker."""
    file = folder / f"{name}.conf"
    file.write_text(template.format(folder=folder, name=name, content=content), "utf-8")
    process = subprocess.Popen(["nginx", "-e", str(folder / f"{name}.log"), "-c", str(file)])
    try:
        while len(tree(process.pid)) < 2 and process.poll() is None:
            os.sched_yield()
        yield tree(process.pid)[1]
    finally:
        process.terminate()
        process.wait()


@contextmanager
def edge(site: str, *, inspected: bool) -> Iterator[int]:
    """An edge with one worker; the id of the worker."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", site, *(["--inspected"] if inspected else [])],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
    )
    assert process.stdout is not None  # noqa: S101
    try:
        process.stdout.readline()
        yield tree(process.pid)[1]
    finally:
        process.terminate()
        process.wait()


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processors."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:13]) / os.sysconf("SC_CLK_TCK")


def load(port: int, seconds: int, connections: int, script: Path) -> int:
    """How many requests were answered with 2xx."""
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "-s",
        str(script),
        f"http://127.0.0.1:{port}/",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    found = re.search(r"(\d+) requests in", said)
    assert found is not None  # noqa: S101
    return int(found[1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--serve")
    parser.add_argument("--inspected", action="store_true")
    chosen = parser.parse_args()
    if chosen.serve:
        serve_edge(chosen.serve, inspected=chosen.inspected)
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        script = folder / "wrk.lua"
        script.write_text(WRK, "utf-8")
        upstream, *ports = (free_port() for _ in range(4))
        running.enter_context(nginx(folder, "upstream", UPSTREAM.format(port=upstream, body="x" * 512)))
        proxy = running.enter_context(nginx(folder, "proxy", PROXY.format(port=ports[0], upstream=upstream)))
        sites = [f"site=127.0.0.1:{port}=127.0.0.1:{upstream}" for port in ports[1:]]
        plain = running.enter_context(edge(sites[0], inspected=False))
        inspected = running.enter_context(edge(sites[1], inspected=True))
        kinds = ("nginx proxy_pass", "edge, no plan", "edge, no-op inspector")
        measured: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(chosen.rounds + 1):
            for kind, pid, port in zip(kinds, (proxy, plain, inspected), ports, strict=True):
                before = cpu_seconds(pid)
                answered = load(port, chosen.seconds, chosen.connections, script)
                if number:  # the first round warms up
                    measured[kind].append((cpu_seconds(pid) - before) / answered * 1e6)
        floor = statistics.median(measured[kinds[0]])
        for kind, values in measured.items():
            median = statistics.median(values)
            print(f"{kind:24}{median:7.1f} us of CPU a request, {median / floor:.2f} x nginx")


if __name__ == "__main__":
    main()
