"""An edge of several processes whose web ACL lets an address have 100 requests in ten minutes.

Run as `python -m limited_edge UPSTREAM-PORT WORKERS`; says its port on standard output.
"""

import os
import sys
from pathlib import Path

import click

import web_acls
from masugata.edge.challenge import ChallengeSettings
from masugata.edge.plans import Plans
from masugata.edge.protection import Protection
from masugata.edge.settings import Address, EdgeSettings, SiteSettings
from masugata.edge.shared_files import run_directory
from masugata.edge.supervisor import Supervisor

LIMIT = 100
_DIRECTORY = "LIMITED_EDGE_DIRECTORY"


def bring(_: SiteSettings, plans: Plans) -> None:
    """In each worker: a plan, and the counts that all of them share."""
    directory = Path(os.environ[_DIRECTORY])
    flood = {"RateBasedStatement": {"Limit": LIMIT, "EvaluationWindowSec": 600, "AggregateKeyType": "IP"}}
    plan = web_acls.compiled(web_acls.ruleset(web_acls.rule("flood", 0, flood)))
    protection = Protection(directory, directory / "token-secret")
    plans.replace(protection.inspector(plan, web_acls.World(), ChallengeSettings()))


def main() -> None:
    """Serve until told to stop."""
    upstream, workers = int(sys.argv[1]), int(sys.argv[2])
    site = SiteSettings("site", Address("127.0.0.1", 0), (Address("127.0.0.1", upstream),))
    settings = EdgeSettings(sites=(site,), workers=workers, plan_source="limited_edge:bring")
    with run_directory() as directory:
        os.environ[_DIRECTORY] = str(directory)
        Supervisor(settings, lambda bound: click.echo(bound["site"].port)).run()


if __name__ == "__main__":
    main()
