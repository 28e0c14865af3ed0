"""Options with which the verbs of `masugata waf` name a web ACL."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from masugata.cli._applying import Where
from masugata.cli._json_values import read_file
from masugata.cli._options import data_option
from masugata.cli._waf_default import default_ruleset
from masugata.engines.waf.definitions import Ruleset
from masugata.records.organizations import ACCESS_ROLE
from masugata.web_acl_documents import KB, Source, Sources, read_ruleset

Command = TypeVar("Command", bound=Callable[..., Any])

_file = click.Path(dir_okay=False)


class AclOptions(NamedTuple):
    """The options of `acl_options`."""

    web_acl: str
    rule_group: tuple[str, ...]
    ip_set: tuple[str, ...]
    regex_set: tuple[str, ...]
    body_limit: str | None
    cache: Path | None
    data: Path | None
    profile: str


def acl_options(command: Command) -> Command:
    """The options that say which web ACL; named like the fields of `AclOptions`."""
    for option in (
        click.option(
            "--profile",
            default="admin",
            show_default=True,
            help="As whom a web ACL is read from the server, in its credentials file.",
        ),
        data_option,
        click.option(
            "--cache",
            type=click.Path(file_okay=False, path_type=Path),
            help="Where compiled rules are kept. [default: the user's cache]",
        ),
        click.option(
            "--body-limit",
            type=click.Choice(["8", "16", "32", "48", "64"]),
            help="How many KB of a body are inspected. [default: as the web ACL says, or 64]",
        ),
        click.option(
            "--regex-set",
            multiple=True,
            type=_file,
            metavar="FILE",
            help="A regex pattern set that is referred to.",
        ),
        click.option(
            "--ip-set", multiple=True, type=_file, metavar="FILE", help="An IP set that is referred to."
        ),
        click.option(
            "--rule-group",
            multiple=True,
            type=_file,
            metavar="FILE",
            help="A rule group that is referred to.",
        ),
        click.option(
            "--web-acl",
            default="default",
            show_default=True,
            metavar="default|FILE|ARN",
            help="The managed rule groups, blocking; a web ACL as `aws wafv2 get-web-acl` prints it; "
            "or one of the running server of --data.",
        ),
    ):
        command = option(command)
    return command


def ruleset_from(options: AclOptions) -> Ruleset:
    """The web ACL with all that it refers to; raises MasugataError."""
    limit = int(options.body_limit) * KB if options.body_limit else None
    given = {name: getattr(options, name) for name in ("rule_group", "ip_set", "regex_set")}
    if options.web_acl == "default":
        if any(given.values()):
            raise click.UsageError("the web ACL `default` refers to nothing that could be given")
        ruleset = default_ruleset()
        return Ruleset(web_acl=ruleset.web_acl, body_limit=limit or ruleset.body_limit)
    if options.web_acl.startswith("arn:"):
        from masugata.cli._waf_remote import sources_of  # noqa: PLC0415

        if any(given.values()):
            raise click.UsageError("what a web ACL of a server refers to is read from there")
        where = Where(options.data, None, None, None, options.profile, ACCESS_ROLE)
        return read_ruleset(sources_of(options.web_acl, where), limit)
    return read_ruleset(
        Sources(
            _source(options.web_acl),
            tuple(map(_source, given["rule_group"])),
            tuple(map(_source, given["ip_set"])),
            tuple(map(_source, given["regex_set"])),
        ),
        limit,
    )


def _source(file: str) -> Source:
    return Source("standard input" if file == "-" else file, read_file(file))
