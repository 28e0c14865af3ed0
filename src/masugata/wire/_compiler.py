"""What all codecs share: one function per shape, compiled once, recursive shapes through one cell."""

from collections.abc import Callable
from typing import Any, TypeAlias

from masugata.wire.models import Reference, ServiceModel, Shape

Function: TypeAlias = Callable[[Any], Any]


class ShapeCompiler:
    """Compiles uses of shapes to functions of one value; a subclass says what one shape becomes."""

    def __init__(self, model: ServiceModel) -> None:
        self.model = model
        self._cells: dict[tuple[str, bool, str | None], list[Function]] = {}

    def compile(self, reference: Reference) -> Function:
        """The function for that use of a shape."""
        shape = self.model.shape(reference.shape)
        # These traits of a use make it another function of the same shape; its name belongs to the parent.
        key = (shape.name, reference.flattened, reference.timestamp_format)
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = []

            def later(value: Any) -> Any:
                return cell[0](value)

            # A shape that contains itself meets this entry while it is being compiled.
            cell.append(later)
            cell[0] = self.build(shape, reference)
        return cell[0]

    def build(self, shape: Shape, reference: Reference) -> Function:
        """What `shape` becomes when it is used as `reference` says."""
        raise NotImplementedError
