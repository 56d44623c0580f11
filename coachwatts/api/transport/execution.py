"""Runs one operation, whichever transport brought it: resolve the document, price it, execute it, describe the outcome."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeGuard, cast

from graphql import ExecutionResult, Executor, GraphQLError, create_source_event_stream, execute_subscription_event
from strawberry import Schema
from strawberry.execution import optimized_is_awaitable

from coachwatts.api.transport.billing import Bill
from coachwatts.api.transport.cost import check_cost
from coachwatts.api.transport.documents import Documents, Operation
from coachwatts.api.transport.masking import describe_failure, describe_variable
from coachwatts.api.transport.params import Params
from coachwatts.api.transport.persisted import PersistedDocuments
from coachwatts.api.transport.ports import OperationContext, Purse
from coachwatts.api.transport.projector import ProjectingExecutor
from coachwatts.api.transport.refusal import Formatted, Refusal
from coachwatts.api.transport.statuses import Outcome

TIME_LIMIT_S = 10.0

_is_awaitable = cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: Outcome
    body: Formatted


@dataclass(frozen=True, slots=True)
class Engine:
    schema: Schema
    documents: Documents
    persisted: PersistedDocuments
    purse: Purse
    time_limit_s: float = TIME_LIMIT_S

    def prepare(self, params: Params) -> Operation:
        """Raises Refusal."""
        text = self.persisted.find(params)
        return self.documents.get(text.source, trusted=text.trusted).operation(params.operation_name)

    async def run(self, operation: Operation, params: Params, context: OperationContext) -> Answer:
        executor, bill = await self._start(operation, params, context)
        result = await self._within_limit(executor.execute_operation())
        body = _body(result, context.request_id)
        body["extensions"] = {"cost": await bill.settle(result.data)}
        return Answer(Outcome.PARTIAL if result.errors else Outcome.DATA, body)

    async def subscribe(self, operation: Operation, params: Params, context: OperationContext) -> AsyncGenerator[Formatted, None]:
        """Raises Refusal before the first event; whatever goes wrong later is the last event."""
        executor, bill = await self._start(operation, params, context)
        source = await self._within_limit(create_source_event_stream(executor))
        if isinstance(source, ExecutionResult):
            raise Refusal(Outcome.VALIDATION, *(describe_failure(error, context.request_id) for error in source.errors or ()))
        return self._events(executor, source, bill, context)

    async def _events(self, executor: Executor[Any], source: Any, bill: Bill, context: OperationContext) -> AsyncGenerator[Formatted, None]:
        extensions: Formatted = {"cost": bill.statement}  # with the first event only: later ones are free
        try:
            async with aclosing(source):
                async for payload in source:
                    event = executor.build_per_event_executor(payload)
                    event.context_value = context.renewed()
                    body = _body(await self._within_limit(execute_subscription_event(event)), context.request_id)
                    yield {**body, "extensions": extensions} if extensions else body
                    extensions = {}
        except Refusal as refusal:
            yield {"errors": refusal.errors}
        except Exception as error:  # noqa: BLE001 - a resolver may raise anything; it is masked and logged
            yield {"errors": [describe_failure(GraphQLError(str(error), original_error=error), context.request_id)]}

    async def _start(self, operation: Operation, params: Params, context: OperationContext) -> tuple[Executor[Any], Bill]:
        context.refuse_scopes(operation.scopes)
        executor = self._build(operation, params, context)
        variables = executor.variable_values.coerced
        cost = check_cost(operation.plan, variables)
        return executor, await Bill.open(self.purse, context.budget_key, operation.plan, variables, cost)

    def _build(self, operation: Operation, params: Params, context: OperationContext) -> Executor[Any]:
        built = ProjectingExecutor.build(
            self.schema._schema,  # noqa: SLF001 - Strawberry has no public name for the schema it built
            operation.document,
            context_value=context,
            raw_variable_values=dict(params.variables),
            operation_name=operation.name,
            is_awaitable=_is_awaitable,
            hide_suggestions=not self.documents.explains,
            operation_extensions=dict(params.extensions),
            projections=operation.projections,
        )
        if isinstance(built, list):
            raise Refusal(Outcome.COERCION, *map(describe_variable, built[:5]))
        return built

    async def _within_limit(self, result: Any) -> Any:
        if not isawaitable(result):
            return result
        try:
            async with asyncio.timeout(self.time_limit_s):
                return await result
        except TimeoutError:
            message = f"The operation was stopped after {self.time_limit_s:g} seconds. Ask for less at once."
            raise Refusal.of(Outcome.TIMED_OUT, "TIMED_OUT", message) from None


def _body(result: ExecutionResult, request_id: str) -> Formatted:
    body: Formatted = {"data": result.data}
    if result.errors:
        body = {"errors": [describe_failure(error, request_id) for error in result.errors], **body}
    return body
