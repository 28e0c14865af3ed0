"""`masugata policy`: what policies do, before they do it."""

from importlib import import_module

import click

_VERBS = {
    "check": "Check policies before they are stored, with the place of each finding.",
    "diff": "Say what a new version of a policy allows that the old one does not.",
    "escalations": "Find who can give themselves more rights than they have, and how.",
    "explain": "Say why a request is allowed or denied, statement by statement.",
    "simulate": "Say what policies would decide about requests that nobody made.",
    "test": "Run cases of requests and policies against what they should decide.",
    "what-can": "Say what a principal may do, in few lines.",
    "who-can": "Say who may do an action on a resource, by themselves or through roles.",
}


class _Verbs(click.Group):
    """Finds `masugata.cli._policy_VERB` and its command of the same name, `_` for each `-`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _VERBS:
            return None
        name = cmd_name.replace("-", "_")
        module = import_module(f"masugata.cli._policy_{name}")
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_VERBS.items()))


@click.group(cls=_Verbs, epilog="Example: masugata policy test cases.jsonl")
def policy() -> None:
    """Check, test, simulate, compare and explain policies."""
