"""`masugata waf test`: what a web ACL would do to recorded traffic."""

import os
from collections.abc import Iterator
from typing import Any

import click
import orjson

from masugata.cli._json_values import UnreadableError
from masugata.cli._options import json_option
from masugata.cli._progress import progress
from masugata.cli._waf_options import AclOptions, acl_options, ruleset_from
from masugata.cli._waf_reading import read_items, shown_name
from masugata.cli._waf_running import Batch, Job, Outcome, batches, run
from masugata.cli._waf_tallies import ATTACK, BENIGN, Tallies
from masugata.cli._waf_telling import rules_of, show_outcome, untested
from masugata.pattern_cache import user_cache

_EVERY = 500
_EXAMPLES = """\b
Examples:
  masugata waf test requests.jsonl --show missed
  masugata waf test --web-acl shop.json --ip-set office.json recorded.har
  zcat access.log.*.gz | masugata waf test --show blocked -
"""


@click.command("test", epilog=_EXAMPLES)
@click.argument("files", metavar="REQUESTS...", nargs=-1, required=True)
@acl_options
@click.option(
    "--show",
    type=click.Choice(["blocked", "missed", "false", "all"]),
    help="Print requests with what was found: those that were stopped, attacks that were not, harmless ones "
    "that were, or all.",
)
@click.option(
    "--allow-missed",
    type=click.FloatRange(0, 100),
    default=0,
    metavar="PERCENT",
    help="Attacks that may pass.",
)
@click.option(
    "--allow-false",
    type=click.FloatRange(0, 100),
    default=0,
    metavar="PERCENT",
    help="Harmless requests that may be stopped.",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes for many requests. [default: cores]")
@json_option
@click.pass_context
def test_command(
    ctx: click.Context,
    /,
    files: tuple[str, ...],
    show: str | None,
    allow_missed: float,
    allow_false: float,
    workers: int | None,
    as_json: bool,
    **acl: Any,
) -> None:
    """Say what a web ACL would do to the requests in REQUESTS..., rule by rule.

    They are JSON Lines or a JSON array (objects with `method`, `uri`, `headers` and `body`, and, if they are
    labelled, `label`: attack or benign, `family` and `source`), HAR files, access logs (common, combined,
    ALB) or AWS WAF logs, packed with gzip or not; `-` is standard input. Exit status: 0 fine, 1 more labelled
    attacks passed, or more harmless requests were stopped, than may, 2 a record or file cannot be
    read, or a file holds none.
    """
    options = AclOptions(**acl)
    ruleset = ruleset_from(options)
    notes = untested(ruleset)
    if notes.in_order:
        workers = 1
    for note in notes.texts:
        click.echo(f"note: {note}", err=True)
    job = Job(ruleset, options.cache or user_cache(), details=show is not None or as_json)
    tallies, failed = Tallies(rules_of(ruleset)), False
    reading = _Reading(files)
    with progress(quiet=as_json or show is not None) as report:
        report("compiling rules; requests", 0)
        for number, outcome in enumerate(run(job, reading.batches(), workers or os.cpu_count() or 1)):
            tallies.add(outcome)
            if outcome.error:
                failed = True
                click.echo(f"{outcome.where}: {outcome.error}", err=True)
            else:
                _tell(outcome, show, as_json=as_json)
            if number % _EVERY == 0:
                report("requests", number)
    click.echo(orjson.dumps({"summary": tallies.to_dict()}) if as_json else tallies.text())
    if failed or reading.failed:
        ctx.exit(2)
    ctx.exit(1 if tallies.missed() > allow_missed or tallies.false() > allow_false else 0)


class _Reading:
    """Goes through the files; one that cannot be read, or holds nothing, does not stop the others."""

    def __init__(self, files: tuple[str, ...]) -> None:
        self._files = files
        self.failed = False

    def batches(self) -> Iterator[Batch]:
        for file in self._files:
            empty = True
            try:
                for batch in batches(shown_name(file), read_items(file)):
                    empty = False
                    yield batch
            except UnreadableError as error:
                self._fail(str(error))
            else:
                if empty:
                    self._fail(f"{shown_name(file)}: there is no request in it")

    def _fail(self, text: str) -> None:
        self.failed = True
        click.echo(text, err=True)


def _tell(outcome: Outcome, show: str | None, *, as_json: bool) -> None:
    wanted = {
        None: as_json,
        "all": True,
        "blocked": outcome.stopped,
        "missed": outcome.label == ATTACK and not outcome.stopped,
        "false": outcome.label == BENIGN and outcome.stopped,
    }
    if wanted[show]:
        click.echo(orjson.dumps(_line(outcome)) if as_json else show_outcome(outcome))


def _line(outcome: Outcome) -> dict[str, Any]:
    matches = [
        {
            "rule": hit.rule,
            "action": hit.action,
            "details": [
                {"condition": d.condition, "location": d.location, "matchedData": d.matched_data}
                for d in hit.details
            ],
        }
        for hit in outcome.hits
    ]
    said = {name: getattr(outcome, name) for name in ("label", "family", "source") if getattr(outcome, name)}
    return {
        "id": outcome.id,
        "action": outcome.action,
        "rule": outcome.rule,
        "labels": outcome.labels,
        "where": outcome.where,
        **said,
        "matches": matches,
    }
