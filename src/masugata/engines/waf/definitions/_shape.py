"""How AWS's shapes are written here: frozen structs with AWS's member names outside and snake_case inside."""

import msgspec


class Shape(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, rename="pascal"):
    """A structure of AWS's model; decodes from, and encodes to, AWS's own JSON."""
