"""What it costs that nginx asks before it passes a request on: processor time for each request, in one run.

Needs nginx and wrk. In front of one upstream: nginx that asks nobody, nginx that asks another nginx which
always agrees (what `auth_request` itself costs), and nginx that asks the edge, with an inspector that does no
work and with the web ACL of the example. wrk calls them in turn, several rounds, as a browser would; the
figure is the processor time (user and system) of the nginx in front, and of who is asked, over the requests,
as medians.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from _http import free_port, tree
from edge_proxy import PROXY, UPSTREAM, WRK, cpu_seconds, load, nginx

WEB_ACL = Path(__file__).parent.parent / "examples" / "web-app-behind-the-waf" / "web-acl.json"
AGREEING = 'server {{ listen 127.0.0.1:{port}; location / {{ return 200 ""; }} }}'
ASKING = """upstream up {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}
  upstream waf {{ server 127.0.0.1:{asked}; keepalive 64; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port};
  location / {{ auth_request /_waf; proxy_pass http://up; proxy_http_version 1.1;
  proxy_set_header Connection ""; proxy_set_header Host $host; }}
  location = /_waf {{ internal; proxy_pass http://waf/nginx; proxy_http_version 1.1;
  proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header Connection "";
  proxy_set_header Host waf; proxy_set_header X-Original-Method $request_method;
  proxy_set_header X-Original-URI $request_uri; proxy_set_header X-Original-Host $host;
  proxy_set_header X-Original-Scheme $scheme; proxy_set_header X-Real-IP $remote_addr; }} }}"""


def serve(port: int, *, web_acl: bool) -> None:
    """Be an edge that is asked, in the foreground."""
    from msgspec.structs import replace  # noqa: PLC0415

    from masugata.edge.settings import EdgeSettings, read_forward_auth  # noqa: PLC0415
    from masugata.edge.supervisor import Supervisor  # noqa: PLC0415

    site = replace(read_forward_auth(f"site=127.0.0.1:{port}"), web_acl=str(WEB_ACL))
    source = "masugata.edge.inspectors:load_site" if web_acl else "edge_proxy:allow"
    Supervisor(EdgeSettings(sites=(site,), plan_source=source), lambda _: print("ready", flush=True)).run()


@contextmanager
def edge(port: int, *, web_acl: bool) -> Iterator[int]:
    """An edge with one worker; the id of the worker."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(port), *(["--web-acl"] if web_acl else [])],
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--serve", type=int)
    parser.add_argument("--web-acl", action="store_true")
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve, web_acl=chosen.web_acl)
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        script = folder / "wrk.lua"
        script.write_text(WRK, "utf-8")
        upstream, agreeing, idle, inspecting, *fronts = (free_port() for _ in range(8))
        enter = running.enter_context
        enter(nginx(folder, "upstream", UPSTREAM.format(port=upstream, body="x" * 512)))
        asked = {
            "nginx": (0, 0),
            "nginx, asks nginx": (agreeing, enter(nginx(folder, "agreeing", AGREEING.format(port=agreeing)))),
            "nginx, asks the edge": (idle, enter(edge(idle, web_acl=False))),
            "nginx, asks, web ACL": (inspecting, enter(edge(inspecting, web_acl=True))),
        }
        pids = {}
        for number, (kind, (whom, pid)) in enumerate(asked.items()):
            content = (ASKING if whom else PROXY).format(port=fronts[number], upstream=upstream, asked=whom)
            pids[kind] = (enter(nginx(folder, f"front{number}", content)), pid)
        measured: dict[str, list[tuple[float, float]]] = {kind: [] for kind in asked}
        for turn in range(chosen.rounds + 1):
            for (kind, (front, pid)), port in zip(pids.items(), fronts, strict=True):
                before = cpu_seconds(front), cpu_seconds(pid) if pid else 0.0
                answered = load(port, chosen.seconds, chosen.connections, script)
                after = cpu_seconds(front), cpu_seconds(pid) if pid else 0.0
                if turn:  # the first round warms up
                    used = [
                        (late - early) / answered * 1e6 for early, late in zip(before, after, strict=True)
                    ]
                    measured[kind].append((used[0], used[1]))
        floor = statistics.median(sum(pair) for pair in measured["nginx"])
        for kind, pairs in measured.items():
            front_us, asked_us = (statistics.median(values) for values in zip(*pairs, strict=True))
            both = statistics.median(sum(pair) for pair in pairs)
            print(
                f"{kind:22}{front_us:7.1f} + {asked_us:5.1f} us of CPU a request, {both / floor:.2f} x nginx"
            )


if __name__ == "__main__":
    main()
