"""The Resource and NotResource elements.

A pattern is an ARN whose first five segments are matched one by one and without case, and whose
resource part is matched with case and may hold variables; `*` alone is everything. A request for no
particular resource (`*`) is matched only by `*`.

ARNs with fewer than six segments are completed with `*` where AWS takes them: in identity policies,
boundaries and session policies always, in resource, endpoint and service control policies if they end
in `*`, in resource control policies never. Completion is a reading of ours, so it never widens an
Allow that says NotResource.

A star that ends a segment may run on past the colon, says the IAM user guide; S3's says that wildcards
do not span segments. So it runs on where that grants less: in the Resource of a Deny and the NotResource
of an Allow. There the whole pattern is also matched as one text.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

What cannot be read (no ARN, a short ARN that is not taken, a variable outside the resource part, a
request for something that is not an ARN) lets no Allow match and keeps no Deny from matching.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from masugata.engines.common import Token, compile_glob, tokenize
from masugata.engines.policy.arns import Segments, Target
from masugata.engines.policy.types import IDENTITY_TYPES, PolicyType
from masugata.engines.policy.variables import Context, Part, constant, has_variable, parse_template, resolve

_Glob = Callable[[str], bool]
_BEGINNING = re.compile(r"[*?]|\$\{")


class Resources:
    """A compiled Resource or NotResource element; `problem` names what could not be read."""

    __slots__ = (
        "_dynamic", "_exact", "_globs", "_prefixes", "_short", "_uncertain", "_unset", "always",
        "beginnings", "negated", "problem", "running",
    )  # fmt: skip

    def __init__(
        self,
        values: Sequence[str],
        policy_type: PolicyType,
        *,
        negated: bool,
        allow: bool,
        variables: bool,
    ) -> None:
        self.negated = negated
        self.always = "*" in values
        self.problem: str | None = None
        # What an entry that cannot be read, and one whose variable has no value, is taken to match.
        self._uncertain = negated == allow
        self._unset = negated and allow
        exact, prefixes = [], []
        beginnings: set[str] = set()
        self._globs: list[_ArnGlob] = []
        self._dynamic: list[_ArnTemplate] = []
        # Patterns with a star that may run on past a colon, and whether that needs one in the resource part.
        self.running: tuple[Callable[[str, Context], bool], ...] = ()
        short = False
        for value in values:
            if value == "*":
                continue
            segments = _read(value, policy_type, widen=not (negated and allow))
            if segments is None:
                self.problem = f"unreadable resource `{value}`"
                continue
            if self._uncertain and any(segment.endswith("*") for segment in value.split(":", 5)[:-1]):
                short = short or value.count(":") < 5
                self.running = (*self.running, _one_text(value, variables=variables))
            head, resource = segments[:5], segments[5]
            beginnings.add(_BEGINNING.split(resource, 1)[0])
            template = parse_template(resource, variables=variables, wildcards=True)
            simple_head = not any("*" in segment or "?" in segment for segment in head)
            if has_variable(template):
                self._dynamic.append(_ArnTemplate(head, template))
            elif not simple_head or "${" in resource or "?" in resource or "*" in resource[:-1]:
                self._globs.append(_ArnGlob(head, compile_glob(constant(template))))
            elif resource.endswith("*"):
                prefixes.append(":".join((*head, resource[:-1])))
            else:
                exact.append(":".join((*head, resource)))
        if self.problem and self._uncertain:
            self.always = True
        self._exact = frozenset(exact)
        self._prefixes = tuple(prefixes)
        self._short = short
        # How the resource part begins of every ARN that the element can match unless a star runs on;
        # None if that is not told.
        told = not (negated or self.always or short or "" in beginnings)
        self.beginnings = frozenset(beginnings) if told else None

    def matches(self, target: Target, context: Context) -> bool:
        """Whether the element covers the resource of a request."""
        return self.always != self.negated if self.always else self._listed(target, context) != self.negated

    def _listed(self, target: Target, context: Context) -> bool:
        canonical = target.canonical
        if not target.is_arn:
            return canonical != "*" and self._uncertain
        if canonical in self._exact or canonical.startswith(self._prefixes):
            return True
        for glob in self._globs:
            if glob.matches(target):
                return True
        for template in self._dynamic:
            if template.matches(target, context, unset=self._unset):
                return True
        if not self.running or not (self._short or ":" in target.resource):
            return False
        return any(matches(target.text, context) for matches in self.running)


class _ArnGlob:
    """A pattern that does not depend on the request."""

    __slots__ = ("_head", "_resource")

    def __init__(self, head: Segments, resource: _Glob) -> None:
        self._head = _Head(head)
        self._resource = resource

    def matches(self, target: Target) -> bool:
        return self._head.matches(target) and self._resource(target.resource)


class _ArnTemplate:
    """A pattern with variables in its resource part."""

    __slots__ = ("_head", "_template")

    def __init__(self, head: Segments, template: list[Part]) -> None:
        self._head = _Head(head)
        self._template = template

    def matches(self, target: Target, context: Context, *, unset: bool) -> bool:
        if not self._head.matches(target):
            return False
        tokens = resolve(self._template, context)
        return unset if tokens is None else _compiled(tuple(tokens))(target.resource)


@lru_cache(maxsize=256)
def _compiled(tokens: tuple[Token, ...]) -> _Glob:
    """A template's pattern, which is mostly the same from one resource to the next."""
    return compile_glob(tokens)


class _Head:
    """The first five segments: literal up to the first with a wildcard, then one by one."""

    __slots__ = ("_literal", "_segments")

    def __init__(self, head: Segments) -> None:
        wild = [position for position, segment in enumerate(head) if "*" in segment or "?" in segment]
        literal = head[: wild[0]] if wild else head
        self._literal = "".join(f"{segment}:" for segment in literal)
        self._segments = tuple(
            (position, compile_glob(tokenize(segment)))
            for position, segment in enumerate(head)
            if position >= len(literal) and segment != "*"
        )

    def matches(self, target: Target) -> bool:
        if not target.canonical.startswith(self._literal):
            return False
        for position, matches in self._segments:  # noqa: SIM110 - a generator costs as much as all the rest
            if not matches(target.segments[position]):
                return False
        return True


def _one_text(pattern: str, *, variables: bool) -> Callable[[str, Context], bool]:
    """Matches a pattern whose stars run on past colons."""
    template = parse_template(pattern, variables=variables, wildcards=True)
    if not has_variable(template):
        glob = compile_glob(constant(template))
        return lambda text, _: glob(text)

    def matches(text: str, context: Context) -> bool:
        tokens = resolve(template, context)
        return tokens is not None and compile_glob(tokens)(text)

    return matches


def _read(value: str, policy_type: PolicyType, *, widen: bool) -> Segments | None:
    """The six segments of a pattern, the first five in lower case, or None if it cannot be read."""
    segments = value.split(":", 5)
    if segments[0] != "arn" or any("${" in segment for segment in segments[:5]):
        return None
    if len(segments) < 6:
        taken = policy_type in IDENTITY_TYPES or (policy_type is not PolicyType.RCP and value.endswith("*"))
        if not (taken and widen) or len(segments) < 3:
            return None
        segments += ["*"] * (6 - len(segments))
    return (*(segment.lower() for segment in segments[:5]), segments[5])
