"""GraphQL over WebSocket, protocol `graphql-transport-ws` only.

Each operation gets a context of its own, so loaders never serve what another operation read and a revoked credential cannot
start anything new; while the socket is open its credential is looked at again every `recheck_s`.
"""

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

import orjson
from graphql import OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from coachwatts.api.transport.encoding import encode
from coachwatts.api.transport.execution import Engine
from coachwatts.api.transport.masking import mask, refusal_for
from coachwatts.api.transport.origin import OriginRule
from coachwatts.api.transport.params import Params
from coachwatts.api.transport.ports import ConnectionParams, GetContext, IsCurrent
from coachwatts.api.transport.refusal import Formatted, Refusal, coded
from coachwatts.api.transport.request_id import request_id_of
from coachwatts.errors import CoachWattsError, Unauthenticated

PROTOCOL = "graphql-transport-ws"
MAX_MESSAGE_LENGTH = 64 * 1024


@dataclass(frozen=True, slots=True)
class SocketRules:
    init_timeout_s: float = 10.0
    recheck_s: float = 30.0
    max_operations: int = 50


@dataclass(frozen=True, slots=True)
class SocketTransport:
    engine: Engine
    origins: OriginRule
    get_context: GetContext
    is_current: IsCurrent
    rules: SocketRules

    async def serve(self, websocket: WebSocket) -> None:
        if not self.origins.admits_socket(websocket.headers, websocket.cookies):
            await websocket.close(1008)  # before the handshake is answered: the client gets 403
            return
        if PROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.accept()
            await websocket.close(4406, "Subprotocol not acceptable")
            return
        await websocket.accept(PROTOCOL)
        await _Conversation(self, websocket).hold()


class _Closed(Exception):
    """Ends the conversation with a close code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class _Conversation:
    transport: SocketTransport
    websocket: WebSocket
    params: ConnectionParams = field(default_factory=dict)
    operations: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    async def hold(self) -> None:
        try:
            await self._initialise()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch())
                await self._converse(group)
        except* WebSocketDisconnect:
            pass
        except* _Closed as closed:
            await self._close(closed.exceptions[0])
        except* Exception as crashed:  # noqa: BLE001 - the last line of defence: log it, tell nothing
            mask(crashed, request_id_of(self.websocket))
            await self._close(_Closed(1011, "Internal error"))  # a code after which clients connect again

    async def _initialise(self) -> None:
        try:
            async with asyncio.timeout(self.transport.rules.init_timeout_s):
                message = await self._receive()
        except TimeoutError:
            raise _Closed(4408, "Connection initialisation timeout") from None
        if message["type"] != "connection_init":
            raise _Closed(4401, "Unauthorized")
        params = message.get("payload") or {}
        if not isinstance(params, dict):
            raise _Closed(4400, "The payload of connection_init must be an object")
        self.params = params
        await self._check_credential()
        await self._send({"type": "connection_ack"})

    async def _check_credential(self) -> None:
        try:
            context = await self.transport.get_context(self.websocket, None, self.params)
            good = await self.transport.is_current(context)
        except Unauthenticated:
            good = False
        if not good:
            raise _Closed(4403, "Forbidden")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.transport.rules.recheck_s)
            await self._check_credential()

    async def _converse(self, group: asyncio.TaskGroup) -> None:
        while True:
            message = await self._receive()
            match message["type"]:
                case "subscribe":
                    await self._subscribe(group, message)
                case "complete":
                    self._complete(message.get("id"))
                case "ping":
                    await self._send({"type": "pong"})
                case "pong":
                    pass
                case "connection_init":
                    raise _Closed(4429, "Too many initialisation requests")
                case _:
                    raise _Closed(4400, "Unknown message type")

    async def _subscribe(self, group: asyncio.TaskGroup, message: Formatted) -> None:
        name = message.get("id")
        if not isinstance(name, str) or not name:
            raise _Closed(4400, "subscribe needs an id")
        if name in self.operations:
            raise _Closed(4409, f"Subscriber for {name[:40]} already exists")
        if len(self.operations) >= self.transport.rules.max_operations:
            limit = coded(f"At most {self.transport.rules.max_operations} operations at a time.", "TOO_MANY_SUBSCRIPTIONS")
            await self._send({"id": name, "type": "error", "payload": [limit]})
            return
        self.operations[name] = group.create_task(self._operate(name, message.get("payload")))

    def _complete(self, name: object) -> None:
        if isinstance(name, str) and (task := self.operations.pop(name, None)):
            task.cancel()

    async def _operate(self, name: str, payload: object) -> None:
        try:
            await self._run(name, payload)
            last: Formatted = {"id": name, "type": "complete"}
        except Refusal as refusal:
            last = {"id": name, "type": "error", "payload": refusal.errors}
        except CoachWattsError as error:
            last = {"id": name, "type": "error", "payload": refusal_for(error).errors}
        except WebSocketDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence: log it, tell nothing
            last = {"id": name, "type": "error", "payload": [mask(error, request_id_of(self.websocket))]}
        # The client may reuse the id as soon as it reads the last message.
        self.operations.pop(name, None)
        await self._send(last)

    async def _run(self, name: str, payload: object) -> None:
        engine = self.transport.engine
        params = Params.from_object(payload)
        operation = engine.prepare(params)
        context = await self.transport.get_context(self.websocket, None, self.params)
        if operation.kind is not OperationType.SUBSCRIPTION:
            answer = await engine.run(operation, params, context)
            await self._send({"id": name, "type": "next", "payload": answer.body})
            return
        async with aclosing(await engine.subscribe(operation, params, context)) as events:
            async for body in events:
                await self._send({"id": name, "type": "next", "payload": body})

    async def _receive(self) -> Formatted:
        message = await self.websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if text is None:
            raise _Closed(4400, "Messages must be text")
        if len(text) > MAX_MESSAGE_LENGTH:
            raise _Closed(1009, "Message too big")
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise _Closed(4400, "Messages must be JSON") from None
        if not isinstance(found, dict) or not isinstance(found.get("type"), str):
            raise _Closed(4400, "Messages must be objects with a type")
        return found

    async def _send(self, message: Formatted) -> None:
        await self.websocket.send_text(encode(message).decode())

    async def _close(self, reason: BaseException) -> None:
        if isinstance(reason, _Closed) and self.websocket.application_state is WebSocketState.CONNECTED:
            with suppress(RuntimeError, WebSocketDisconnect):  # the other side was faster
                await self.websocket.close(reason.code, reason.reason)
