"""`masugata policy what-can`: what a principal may do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from masugata.cli._account import Source, open_accounts
from masugata.cli._question import check_texts, context_from
from masugata.cli._reach import assumption_to_dict, painted, policy_set_of, reach_options

_SHOWN = 12  # patterns of actions in a line
_EXAMPLES = """\b
Examples:
  masugata policy what-can arn:aws:iam::111122223333:user/alice
  masugata policy what-can arn:aws:iam::111122223333:role/cook --export account.json --action 'iam:*'
  masugata policy what-can arn:aws:iam::111122223333:role/cook --resource arn:aws:s3:::shop/menu
"""


@click.command("what-can", epilog=_EXAMPLES)
@click.argument("principal")
@click.option("--action", default="*", metavar="PATTERN", help="Only these actions, e.g. 's3:Get*'.")
@click.option("--resource", "resources", multiple=True, metavar="ARN", help="Only on these resources.")
@click.option("--all", "everything", is_flag=True, help="Show long lists of actions whole.")
@reach_options
@click.pass_context
def what_can_command(
    ctx: click.Context,
    /,
    principal: str,
    action: str,
    resources: tuple[str, ...],
    everything: bool,
    context: tuple[str, ...],
    scp: tuple[Path, ...],
    as_json: bool,
    **source: Any,
) -> None:
    """Say what PRINCIPAL may do: services, actions as patterns, and the resources that policies tell apart.

    Actions are those of the catalogue. What depends on the request and --context does not say is listed with
    its conditions. Policies of resources are not known, but for the trust policies of roles.
    Exit status: 0 nothing, 1 something, 2 the question cannot be answered.
    """
    from masugata.authorization.reach.what_can import what_can  # noqa: PLC0415
    from masugata.engines.policy import PolicyType  # noqa: PLC0415
    from masugata.engines.policy.matrix import Facts  # noqa: PLC0415

    check_texts(principal, action, *resources, *context)
    found = what_can(
        open_accounts(Source(**source), scp=bool(scp)),
        principal,
        action=action,
        arns=resources,
        scp=tuple(policy_set_of(PolicyType.SCP, path) for path in scp),
        asked=Facts(context_from(context)),
    )
    click.echo(orjson.dumps(_to_dict(found)) if as_json else "\n".join(_lines(found, everything=everything)))
    ctx.exit(1 if found.services or found.roles else 0)


def _to_dict(found: Any) -> dict[str, Any]:
    return {
        "principal": found.person.name,
        "services": [
            {
                "service": one.service,
                "access": [
                    {
                        "resource": reach.pattern,
                        "actions": list(grant.actions),
                        "verdict": grant.verdict.value,
                        "if": list(grant.conditions),
                    }
                    for reach in one.reaches
                    for grant in reach.grants
                ],
                "none": [reach.pattern for reach in one.reaches if not reach.grants],
            }
            for one in found.services
        ],
        "roles": [assumption_to_dict(assumption) for assumption in found.roles],
        "notes": list(found.notes),
    }


def _lines(found: Any, *, everything: bool) -> Iterator[str]:
    from masugata.authorization.reach.compressing import compressed  # noqa: PLC0415

    yield found.person.name
    if not found.services and not found.roles:
        yield "may do nothing"
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in found.services:
        lines = []
        for reach in one.reaches:
            lines.append(f"  on {reach.pattern}")
            if not reach.grants:
                lines.append("      nothing")
            for grant in reach.grants:
                patterns = [p.partition(":")[2] for p in compressed(grant.actions, reach.every)]
                shown = patterns if everything else patterns[:_SHOWN]
                more = f" … and {len(patterns) - len(shown)} more" if len(patterns) > len(shown) else ""
                lines.append(f"      {painted(grant.verdict)}: {', '.join(shown)}{more}")
                lines += [f"          {condition}" for condition in grant.conditions]
        alike.setdefault(tuple(lines), []).append(one.service)
    for shared, services in alike.items():
        some = services if len(services) <= _SHOWN or everything else services[:_SHOWN]
        more = f" … and {len(services) - len(some)} more services" if len(services) > len(some) else ""
        yield f"{', '.join(some)}{more}"
        yield from shared
    for role in found.roles:
        yield f"{painted(role.verdict)} assume {role.role}"
    yield from (f"note: {note}" for note in found.notes)
