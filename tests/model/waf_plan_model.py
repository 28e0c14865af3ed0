"""A slow, obvious reading of AWS WAF: every rule is asked, nothing is remembered, nothing is compiled.

Regular expressions are trees (`Tree`) here, matched by trying everything; the model is given the tree of
each expression. Places with values: path, query string, headers, method.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any

from masugata.engines.waf.definitions import Inspected, Rule, RuleAction, Ruleset, Statement
from masugata.engines.waf.managed import ManagedGroups, ManagedRule, Source
from masugata.engines.waf.request import WebRequest
from web_acls import World

Tree = tuple[Any, ...]
Outcome = dict[str, Any]
WORD = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"


def ends(tree: Tree, text: bytes, at: int) -> set[int]:
    """Where matches that begin here may end."""
    match tree:
        case ("byte", byte):
            return {at + 1} if text[at : at + 1] == byte else set()
        case ("any",):
            return {at + 1} if at < len(text) and text[at : at + 1] != b"\n" else set()
        case ("one of", members):
            return {at + 1} if at < len(text) and text[at] in members else set()
        case ("start",):
            return {at} if at == 0 else set()
        case ("end",):
            return {at} if text[at:] in (b"", b"\n") else set()
        case ("then", first, second):
            return {end for middle in ends(first, text, at) for end in ends(second, text, middle)}
        case ("or", first, second):
            return ends(first, text, at) | ends(second, text, at)
        case ("maybe", inner):
            return {at} | ends(inner, text, at)
        case ("many", inner):
            found = {at}
            while more := {e for a in found for e in ends(inner, text, a)} - found:
                found |= more
            return found
    raise ValueError(tree)


def written(tree: Tree) -> str:
    """The regular expression."""
    match tree:
        case ("byte", byte):
            return f"\\x{byte[0]:02x}"
        case ("any",):
            return "."
        case ("one of", members):
            return "[" + "".join(f"\\x{member:02x}" for member in members) + "]"
        case ("start",):
            return "^"
        case ("end",):
            return "$"
        case ("then", first, second):
            return written(first) + written(second)
        case ("or", first, second):
            return f"(?:{written(first)}|{written(second)})"
        case ("maybe", inner):
            return f"(?:{written(inner)})?"
        case ("many", inner):
            return f"(?:{written(inner)})*"
    raise ValueError(tree)


def found_in(tree: Tree, text: bytes) -> bool:
    """Whether it matches anywhere."""
    return any(ends(tree, text, at) for at in range(len(text) + 1))


def byte_matches(text: bytes, position: str, value: bytes) -> bool:
    """As AWS says of each position."""
    starts = [at for at in range(len(value) - len(text) + 1) if value[at : at + len(text)] == text]
    match position:
        case "EXACTLY":
            return value == text
        case "STARTS_WITH":
            return 0 in starts
        case "ENDS_WITH":
            return len(value) - len(text) in starts
        case "CONTAINS":
            return bool(starts)
        case _:
            return any(
                (at == 0 or value[at - 1] not in WORD)
                and (at + len(text) == len(value) or value[at + len(text)] not in WORD)
                for at in starts
            )


def plain(address: str) -> str:
    """IPv4 as IPv4, also where it is written as IPv6."""
    return address.removeprefix("::ffff:")


def counted_as(address: str) -> bytes:
    """IPv4 for itself; of IPv6 the network of 64 bits."""
    try:
        found = ipaddress.ip_address(plain(address))
    except ValueError:
        return b"unknown"
    length = 32 if found.version == 4 else 64
    return str(ipaddress.ip_network((found, length), strict=False)).encode()


class Model:
    """One evaluation."""

    def __init__(
        self,
        rules: Ruleset,
        managed: ManagedGroups,
        trees: Mapping[str, Tree],
        request: WebRequest,
        world: World,
    ) -> None:
        """Nothing is decided yet."""
        self.rules = rules
        self.managed = managed
        self.trees = trees
        self.request = request
        self.world = world
        self.labels: list[str] = []
        self.counted: list[tuple[Any, ...]] = []
        self.inserted: dict[str, str] = {}

    def evaluate(self) -> Outcome:
        """What is decided, as far as the model says."""
        acl = self.rules.web_acl
        for rule in sorted(acl.rules, key=lambda r: r.priority):
            ended = self.ask(rule)
            if ended:
                return self.outcome(ended[0], ended[1])
        self.insert(acl.default_action)
        return self.outcome(action_name(acl.default_action), None)

    def outcome(self, action: str, terminating: tuple[Any, ...] | None) -> Outcome:
        """With what the request was given on the way."""
        return {
            "action": action,
            "terminating": terminating,
            "counted": self.counted,
            "labels": self.labels,
            "inserted": dict(self.inserted) if action == "ALLOW" else {},
        }

    def ask(self, rule: Rule) -> tuple[str, tuple[Any, ...]] | None:
        """A rule of the web ACL; what ends the evaluation, if it does."""
        own = rule.statement.rule_group_reference_statement
        managed = rule.statement.managed_rule_group_statement
        namespace = self.rules.web_acl.label_namespace
        if own is None and managed is None:
            if self.matches(rule.statement, namespace, rule.name) is not True:
                return None
            labels = [namespace + label.name for label in rule.rule_labels]
            assert rule.action is not None
            return self.act(rule.action, labels, (rule.name, None, None), None, rule)
        members: list[tuple[Any, ...]]
        if own is not None:
            group = self.rules.rule_groups[own.arn]
            name, said, namespace = own.arn, own, group.label_namespace
            ordered = sorted(group.rules, key=lambda r: r.priority)
            members = [(member, [label.name for label in member.rule_labels]) for member in ordered]
        else:
            assert managed is not None
            down = managed.scope_down_statement
            if down is not None and self.matches(down, namespace, rule.name) is not True:
                return None
            known = self.managed[managed.vendor_name, managed.name, managed.version]
            name, said, namespace = f"{managed.vendor_name}#{managed.name}", managed, known.label_namespace
            members = [(member, list(member.labels)) for member in known.rules]
        return self.ask_group(rule, members, said, name, namespace)

    def ask_group(self, rule: Rule, members: list[Any], said: Any, group: str, namespace: str) -> Any:
        """The rules of a group; if only its result is counted, it ends the group all the same."""
        assert rule.override_action is not None
        actions = {override.name: override.action_to_use for override in said.rule_action_overrides}
        excluded = {member.name for member in said.excluded_rules}
        for member, labels in members:
            if not self.member_matches(member, namespace, f"{rule.name}/{member.name}"):
                continue
            original = action_name(member.action)
            action, overridden = member.action, None
            if member.name in actions:
                action, overridden = actions[member.name], original
            elif member.name in excluded:
                self.add([namespace + label for label in labels])
                self.counted.append((rule.name, "EXCLUDED_AS_COUNT", group, member.name, original, None))
                continue
            place = (rule.name, group, member.name)
            counted, inserted = len(self.counted), dict(self.inserted)
            ended = self.act(action, [namespace + label for label in labels], place, overridden, rule)
            if ended and rule.override_action.count is not None:
                self.inserted = inserted  # an Allow that does not stand adds nothing
                self.counted.append((rule.name, "COUNT", group, member.name, ended[0], ended[1][5]))
                return None
            assert ended or len(self.counted) == counted + 1
            if ended:
                return ended
        return None

    def member_matches(self, member: Rule | ManagedRule, namespace: str, name: str) -> bool:
        """Managed rules may detect instead."""
        if isinstance(member, ManagedRule) and member.detect is not None:
            texts = {
                Source.URI_PATH: [self.request.uri_path],
                Source.HEADERS: [value for _, value in self.request.headers],
            }
            return any(
                found is not None and found.score >= member.detect.minimum_score
                for source in member.detect.sources
                for text in texts[source]
                for detector in member.detect.detectors
                if (found := detector.detect(text, None)) is not None
            )
        assert member.statement is not None
        return self.matches(member.statement, namespace, name) is True

    def add(self, labels: list[str]) -> None:
        """Each once."""
        for label in labels:
            if label not in self.labels:
                self.labels.append(label)

    def insert(self, action: Any) -> None:
        """The headers of whatever action it is."""
        for name in action.__struct_fields__:
            handling = getattr(getattr(action, name), "custom_request_handling", None)
            for header in handling.insert_headers if handling is not None else ():
                self.inserted["x-amzn-waf-" + header.name.lower()] = header.value

    def act(
        self,
        action: RuleAction,
        labels: list[str],
        place: tuple[Any, ...],
        overridden: str | None,
        rule: Rule,
    ) -> tuple[str, tuple[Any, ...]] | None:
        """Do it."""
        self.add(labels)
        name = action_name(action)
        state = None
        if name in {"CAPTCHA", "CHALLENGE"}:
            config = rule.captcha_config if name == "CAPTCHA" else rule.challenge_config
            seconds = config.immunity_time_property.immunity_time if config else 300
            token = dict(self.request.headers).get(b"x-aws-waf-token")
            state = self.world.state(token, name, seconds, b"")
        shown = (place[0], name, place[1], place[2], overridden, state)
        if name == "COUNT" or state == "VALID":
            self.insert(action)
            self.counted.append(shown)
            return None
        if name == "ALLOW":
            self.insert(action)
        return name, shown

    def matches(self, said: Statement, namespace: str, name: str) -> bool | None:
        """Yes, no, or None if it does not apply."""
        answer = self.holds(said, namespace, name)
        self.locate(said)
        return answer

    def locate(self, said: Statement) -> None:
        """Every geo match labels, whatever comes of it."""
        for part in parts(said):
            if part.geo_match_statement is not None:
                found = self.world.locate(plain(self.request.source_ip))
                self.add(
                    [
                        f"awswaf:clientip:geo:country:{found.country or 'XX'}",
                        f"awswaf:clientip:geo:region:{found.region or 'XX-XX'}",
                    ]
                )

    def holds(self, said: Statement, namespace: str, name: str) -> bool | None:
        """The statement, all of it."""
        if said.and_statement is not None:
            answers = [self.holds(part, namespace, name) for part in said.and_statement.statements]
            return False if False in answers else None if None in answers else True
        if said.or_statement is not None:
            answers = [self.holds(part, namespace, name) for part in said.or_statement.statements]
            return True if True in answers else None if None in answers else False
        if said.not_statement is not None:
            answer = self.holds(said.not_statement.statement, namespace, name)
            return None if answer is None else not answer
        if said.label_match_statement is not None:
            key = said.label_match_statement.key
            key = key if key.startswith("awswaf:") else namespace + key
            if said.label_match_statement.scope == "LABEL":
                return key in self.labels
            return any(label.startswith(key.removesuffix(":") + ":") for label in self.labels)
        if said.geo_match_statement is not None:
            country = self.world.locate(plain(self.request.source_ip)).country or "XX"
            return country in (said.geo_match_statement.country_codes or ())
        if said.ip_set_reference_statement is not None:
            return self.in_set(said.ip_set_reference_statement)
        if said.rate_based_statement is not None:
            rate = said.rate_based_statement
            down = rate.scope_down_statement
            if down is not None and self.holds(down, namespace, name) is not True:
                return False
            key = counted_as(self.request.source_ip)
            return self.world.count(name, key, rate.evaluation_window_sec, rate.limit) > rate.limit
        return self.text_holds(said)

    def in_set(self, said: Any) -> bool | None:
        """Of the peer, or of the header."""
        texts = [self.request.source_ip]
        config = said.ip_set_forwarded_ip_config
        if config is not None:
            headers = [v for n, v in self.request.headers if n == config.header_name.lower().encode()]
            if not headers:
                return None
            texts = b",".join(headers).decode("latin-1").split(",")
            texts = {"FIRST": texts[:1], "LAST": texts[-1:], "ANY": texts[-10:]}[config.position]
        found = []
        for text in texts:
            try:
                found.append(ipaddress.ip_address(plain(text.strip())))
            except ValueError:
                continue
        if not found:
            return config.fallback_behavior == "MATCH" if config is not None else False
        networks = [ipaddress.ip_network(cidr) for cidr in self.rules.ip_sets[said.arn]]
        return any(address in network for address in found for network in networks)

    def text_holds(self, said: Statement) -> bool:
        """One of the values has to match."""
        if said.byte_match_statement is not None:
            byte = said.byte_match_statement
            return any(
                byte_matches(byte.search_string, byte.positional_constraint, value)
                for value in self.values(byte)
            )
        if said.size_constraint_statement is not None:
            size = said.size_constraint_statement
            compare = {"EQ": "__eq__", "NE": "__ne__", "LE": "__le__", "LT": "__lt__", "GE": "__ge__"}
            name = compare.get(size.comparison_operator, "__gt__")
            return any(getattr(len(value), name)(size.size) for value in self.values(size))
        regex = said.regex_match_statement
        if regex is not None:
            return any(found_in(self.trees[regex.regex_string], value) for value in self.values(regex))
        several = said.regex_pattern_set_reference_statement
        assert several is not None
        return any(
            found_in(self.trees[expression], value)
            for expression in self.rules.regex_pattern_sets[several.arn]
            for value in self.values(several)
        )

    def values(self, said: Inspected) -> list[bytes]:
        """After the transformations."""
        field = said.field_to_match
        request = self.request
        if field.uri_path is not None:
            found = [request.uri_path]
        elif field.query_string is not None:
            found = [request.query_string]
        elif field.method is not None:
            found = [request.method]
        else:
            assert field.single_header is not None
            found = [v for n, v in request.headers if n == field.single_header.name.lower().encode()]
        for step in sorted(said.text_transformations, key=lambda s: s.priority):
            if step.type == "LOWERCASE":
                found = [value.lower() for value in found]
        return found


def action_name(action: Any) -> str:
    """The one that is there."""
    return next(n for n in action.__struct_fields__ if getattr(action, n) is not None).upper()


def parts(said: Statement) -> list[Statement]:
    """The statement and all in it."""
    found = [said]
    for nested in (said.and_statement, said.or_statement):
        if nested is not None:
            found += [inner for part in nested.statements for inner in parts(part)]
    if said.not_statement is not None:
        found += parts(said.not_statement.statement)
    if said.rate_based_statement is not None and said.rate_based_statement.scope_down_statement is not None:
        found += parts(said.rate_based_statement.scope_down_statement)
    return found
