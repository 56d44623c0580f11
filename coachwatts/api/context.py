"""What a resolver may reach: the person who asks, transactions with that person's scope, loaders, the way to set a cookie."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeAlias
from uuid import UUID

from starlette.responses import Response
from strawberry.types.info import Info as StrawberryInfo

from coachwatts.api.loaders import Loaders
from coachwatts.api.pubsub import News
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import Conflict, NotAllowed, Unauthenticated
from coachwatts.identity.pace import network_of
from coachwatts.identity.recognition import SecondFactorDue
from coachwatts.identity.token_scopes import TokenScope
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import Area
from coachwatts.runtime import Runtime


@dataclass
class Context:
    runtime: Runtime
    client: Client
    news: News
    response: Response | None = None  # none over sockets and streams, which cannot set cookies
    viewer: Viewer | None = None
    refused: Unauthenticated | None = None  # why the credential that came along was not accepted
    by_cookie: bool = False  # how it came
    # Not passed on by `renewed`: each event of a subscription has to look again.
    sight: dict[UUID, frozenset[Area]] = field(init=False, default_factory=dict)  # other athletes, and what of them may be seen
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self)

    @property
    def request_id(self) -> str:
        return self.client.request_id

    @property
    def budget_key(self) -> str:
        return f"user:{self.viewer.user_id}" if self.viewer else f"address:{network_of(self.client.ip) or self.client.ip}"

    def renewed(self) -> Self:
        return replace(self)

    def refuse_scopes(self, scopes: frozenset[str]) -> None:
        held = self.viewer.scopes if self.viewer else None
        if held is None or not (missing := scopes - held):
            return
        if missing - set(TokenScope):
            raise NotAllowed("A personal token cannot do this. Sign in with your password.")
        raise NotAllowed(f"This token lacks the scopes: {', '.join(sorted(missing))}.")

    def require_viewer(self) -> Viewer:
        if self.viewer is None:
            raise self.refused or Unauthenticated
        return self.viewer

    @property
    def known(self) -> Viewer | None:
        """Also who still owes the code of the second step. Everything but that step and signing out goes by `viewer`."""
        return self.refused.viewer if isinstance(self.refused, SecondFactorDue) else self.viewer

    def is_viewer(self, user_id: UUID) -> bool:
        return self.viewer is not None and self.viewer.user_id == user_id

    def require_known(self) -> Viewer:
        return self.known or self.require_viewer()

    def require_pending(self) -> Viewer:
        if self.viewer:
            raise Conflict("You are signed in already; no code is due.")
        return self.require_known()

    def may_see(self, athlete_id: UUID, area: Area) -> bool:
        """One's own data in full; another athlete's as far as it was granted. Every field with athlete data asks this first."""
        return self.is_viewer(athlete_id) or area in self.sight.get(athlete_id, ())

    @property
    def scope(self) -> Scope:
        return self.viewer.scope.with_athletes(athlete for athlete, areas in self.sight.items() if areas) if self.viewer else Scope.nobody()

    def read(self, scope: Scope | None = None) -> AbstractAsyncContextManager[ReadSession]:
        return self.runtime.db.read(scope or self.scope)

    def write(self, scope: Scope | None = None) -> AbstractAsyncContextManager[WriteSession]:
        """Commits on leaving: the only place of a mutation where anything becomes durable."""
        return self.runtime.db.write(scope or self.scope)


Info: TypeAlias = StrawberryInfo[Context, Any]
