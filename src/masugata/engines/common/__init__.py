"""What several engines need: bounded-time globs and address ranges."""

from masugata.engines.common.cidrs import AddressRange, parse_address, parse_range
from masugata.engines.common.globs import ANY, STAR, Token, compile_glob, tokenize

__all__ = [
    "ANY",
    "STAR",
    "AddressRange",
    "Token",
    "compile_glob",
    "parse_address",
    "parse_range",
    "tokenize",
]
