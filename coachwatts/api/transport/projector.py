"""Completes lists of plain objects with generated code instead of one call per field.

graphql-core takes some 4 microseconds for each leaf. Where every selected field is an attribute (no resolver, no arguments, no
permission), a whole row can be read by one generated function. Anything that is not exactly as the types promise (null where
there must be something, a value of another type, an exception, something to await) stops it, and graphql-core does the list from
the start: so errors, their paths and their order are always its own.
"""

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from graphql import GraphQLObjectType, GraphQLOutputType, get_nullable_type, is_non_null_type
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path
from graphql.type import GraphQLResolveInfo
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from coachwatts.api.transport.projection import Field, Projection, Shape, attribute_of, compile_projection

MAX_COMPILED = 512
"""Response keys are the clients' to choose, so there is no end of different shapes."""

Projections = dict[tuple[Any, ...], Projection | None]
_compiled: "OrderedDict[Shape, Projection]" = OrderedDict()


class ProjectingExecutor(StrawberryGraphQLCoreExecutionContext):
    def __init__(self, *args: Any, projections: Projections | None = None, **kwargs: Any) -> None:
        """`projections`: of earlier runs of this document, if it selects the same whatever the variables."""
        super().__init__(*args, **kwargs)
        self._projections: Projections = {} if projections is None else projections

    def complete_iterable_value(  # noqa: PLR0917 - graphql-core's signature
        self,
        item_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> Any:
        # Other iterables can be read only once, which graphql-core must be able to do after us.
        if isinstance(items, list | tuple) and (project := self._projection(item_type, field_details_list)):
            with suppress(Exception):  # whatever is wrong, graphql-core meets it again and says it in its own words
                return project(items, info)
        return super().complete_iterable_value(item_type, field_details_list, info, path, items, position_context)

    def _projection(self, item_type: GraphQLOutputType, details: FieldDetailsList) -> Projection | None:
        key = (item_type, *(id(selected.node) for selected in details))  # the document lives longer than this memo
        if key not in self._projections:
            shape = self._shape(item_type, details)
            self._projections[key] = _compiled_for(shape) if shape else None
        return self._projections[key]

    def _shape(self, declared: GraphQLOutputType, details: FieldDetailsList) -> Shape | None:
        """None when some field needs more than reading an attribute."""
        parent = get_nullable_type(declared)
        if not isinstance(parent, GraphQLObjectType) or self.middleware_manager is not None:
            return None
        grouped, deferred, _ = self.collect_subfields(parent, details)
        if deferred:
            return None
        fields = []
        for key, selected in grouped.items():
            field = self._field(parent, key, selected)
            if field is None:
                return None
            fields.append(field)
        return Shape(parent, is_non_null_type(declared), tuple(fields))

    def _field(self, parent: GraphQLObjectType, key: str, selected: FieldDetailsList) -> Field | None:
        name = selected[0].node.name.value
        if name == "__typename":
            return Field(key, None, None, None)
        definition = parent.fields.get(name)
        attribute = attribute_of(definition)
        if definition is None or attribute is None:
            return None
        if selected[0].node.selection_set is None:
            return Field(key, attribute, definition.type, None)
        below = self._shape(definition.type, selected)
        return Field(key, attribute, definition.type, below) if below else None


def _compiled_for(shape: Shape) -> Projection:
    projection = _compiled.get(shape)
    if projection is None:
        projection = _compiled[shape] = compile_projection(shape)
        if len(_compiled) > MAX_COMPILED:
            _compiled.popitem(last=False)
    else:
        _compiled.move_to_end(shape)
    return projection
