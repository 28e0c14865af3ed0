"""`masugata waf`: what rules of the web application firewall do, before they meet traffic."""

from importlib import import_module

import click

_VERBS = {
    "explain": "Say rule by rule what a web ACL does with one request, and why.",
    "import": "Write rules of another firewall as a web ACL.",
    "test": "Say what a web ACL would do to recorded traffic.",
}


class _Verbs(click.Group):
    """Finds `masugata.cli._waf_VERB` and its command of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"masugata.cli._waf_{cmd_name}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_VERBS.items()))


@click.group(cls=_Verbs, epilog="Example: masugata waf test --web-acl default requests.jsonl")
def waf() -> None:
    """Test, explain and import rules of the web application firewall."""
