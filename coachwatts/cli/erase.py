"""Erasing people: asked for by whoever sits at the machine."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from coachwatts.runtime import Runtime

T = TypeVar("T")


def erase(
    email: Annotated[str | None, typer.Argument(help="The address of the account.")] = None,
    *,
    now: Annotated[bool, typer.Option("--now", help="At once, without the 14 days in which the person can come back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --now: do not ask again.")] = False,
    proofs: Annotated[bool, typer.Option("--proofs", help="List the proofs of what was erased, and whether each is genuine.")] = False,
) -> None:
    """Erase a person and everything of theirs."""
    import json

    if proofs is (email is not None):
        raise typer.BadParameter("Give an address, or --proofs.")
    if email is None:
        print(json.dumps(_run(_list_proofs), indent=2, default=str))
        return
    if now and not yes:
        typer.confirm(f"Erase everything of {email} now? Nobody can undo this.", abort=True)
    print(_run(lambda runtime: _erase(runtime, email, at_once=now)))


async def _erase(runtime: "Runtime", email: str, *, at_once: bool) -> str:
    from coachwatts.db.scope import Scope
    from coachwatts.identity import deletion, upkeep

    async with runtime.db.write(Scope.nobody()) as session:
        account = await upkeep.find(session, email)
        await deletion.request_by_operator(session, runtime.settings, account, at_once=at_once)
    if not at_once:
        return f"Will be erased after {account.deletion_due_at:%Y-%m-%d %H:%M} UTC. Until then the person can come back."
    await runtime.storage.delete_folder(deletion.folder_of(account.id))
    async with runtime.db.write(Scope.nobody()) as session:
        proof = await deletion.erase(session, runtime.keys, account.id)
    return f"Erased: {sum(proof.counts.values())} rows and all files." if proof else "Erased by a worker at the same moment."


async def _list_proofs(runtime: "Runtime") -> list[dict[str, Any]]:
    from coachwatts.db.scope import Scope
    from coachwatts.identity import erasure_proof
    from coachwatts.identity.repository import erasure

    async with runtime.db.read(Scope.nobody()) as session:
        return [
            {
                "erased_at": proof.created_at,
                "person_key": proof.person_key,
                "counts": proof.counts,
                "genuine": erasure_proof.is_genuine(runtime.keys, proof),
            }
            for proof in await erasure.proofs(session)
        ]


def _run(action: "Callable[[Runtime], Awaitable[T]]") -> T:
    import asyncio

    from coachwatts import config
    from coachwatts.embedded.services import reached
    from coachwatts.runtime import open_runtime

    async def opened(settings: config.Settings) -> T:
        async with open_runtime(settings) as runtime:
            return await action(runtime)

    with reached(config.load()) as settings:
        return asyncio.run(opened(settings))
