"""GraphQL over HTTP: one request, one answer or one event stream."""

from dataclasses import dataclass

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response

from coachwatts.api.transport.body import read_body
from coachwatts.api.transport.documents import Operation
from coachwatts.api.transport.encoding import encode
from coachwatts.api.transport.execution import Answer, Engine
from coachwatts.api.transport.masking import mask, refusal_for
from coachwatts.api.transport.negotiation import JSON, STREAM, Accept, media_type_for_refusal, media_type_for_result, require_stream
from coachwatts.api.transport.origin import OriginRule
from coachwatts.api.transport.params import Params
from coachwatts.api.transport.ports import GetContext, IsCurrent
from coachwatts.api.transport.refusal import Formatted, Refusal
from coachwatts.api.transport.request_id import request_id_of
from coachwatts.api.transport.sse import event_stream, once
from coachwatts.api.transport.statuses import Outcome, Profile, status_of
from coachwatts.errors import CoachWattsError

HEADERS = {"cache-control": "no-store", "vary": "Accept, Origin"}


@dataclass(frozen=True, slots=True)
class HttpTransport:
    engine: Engine
    origins: OriginRule
    get_context: GetContext
    is_current: IsCurrent
    profile: Profile
    text_by_get: bool
    """Whether GET may carry query text. It always may name a trusted document."""

    async def answer(self, request: Request) -> Response:
        accept = Accept.parse(request.headers.get("accept"))
        try:
            return await self._answer(request, accept)
        except Refusal as refusal:
            return self._refuse(refusal, accept)
        except CoachWattsError as error:
            return self._refuse(refusal_for(error), accept)
        except Exception as error:  # noqa: BLE001 - the last line of defence: log it, tell nothing
            return self._refuse(Refusal(Outcome.INTERNAL, mask(error, request_id_of(request))), accept)

    async def _answer(self, request: Request, accept: Accept) -> Response:
        self.origins.check(request.headers, request.cookies)
        params = await self._read(request)
        operation = self.engine.prepare(params)
        _check_method(request, operation)
        if operation.kind is OperationType.SUBSCRIPTION:
            require_stream(accept)
            context = await self.get_context(request, None, None)
            events = await self.engine.subscribe(operation, params, context)
            return event_stream(events, lambda: self.is_current(context))
        media_type = media_type_for_result(accept)
        sketch = Response()  # resolvers set cookies on it
        context = await self.get_context(request, sketch, None)
        response = self._respond(await self.engine.run(operation, params, context), media_type)
        response.raw_headers.extend(header for header in sketch.raw_headers if header[0] == b"set-cookie")
        return response

    async def _read(self, request: Request) -> Params:
        if request.method == "POST":
            return Params.from_json(await read_body(request))
        if request.method != "GET":
            message = "Send GraphQL by POST; GET may name a trusted document."
            raise Refusal.of(Outcome.METHOD, "METHOD_NOT_ALLOWED", message, headers={"allow": "GET, POST"})
        params = Params.from_query_string(request.query_params)
        if params.query is not None and not self.text_by_get:
            message = "GET may only name a trusted document; send text by POST."
            raise Refusal.of(Outcome.METHOD, "METHOD_NOT_ALLOWED", message, headers={"allow": "POST"})
        return params

    def _respond(self, answer: Answer, media_type: str) -> Response:
        if media_type == STREAM:
            return Response(once(answer.body), media_type=STREAM, headers=HEADERS)
        return self._json(answer.body, answer.outcome, media_type)

    def _refuse(self, refusal: Refusal, accept: Accept) -> Response:
        response = self._json({"errors": refusal.errors}, refusal.outcome, media_type_for_refusal(accept))
        response.headers.update(refusal.headers)
        return response

    def _json(self, body: Formatted, outcome: Outcome, media_type: str) -> Response:
        status = status_of(outcome, self.profile, plain_json=media_type == JSON)
        return Response(encode(body), status, {"content-type": f"{media_type}; charset=utf-8", **HEADERS})


def _check_method(request: Request, operation: Operation) -> None:
    if request.method == "GET" and operation.kind is OperationType.MUTATION:
        message = "A mutation must be sent by POST."
        raise Refusal.of(Outcome.METHOD, "METHOD_NOT_ALLOWED", message, headers={"allow": "POST"})
