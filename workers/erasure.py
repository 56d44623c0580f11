from uuid import UUID

from coachwatts import clock
from coachwatts.db.scope import Scope
from coachwatts.identity import deletion
from coachwatts.identity.repository import erasure
from coachwatts.jobs import Run, job, service
from coachwatts.models.user import GRACE
from coachwatts.runtime import Runtime


@job("erase_due_accounts", timeout_s=300)
async def erase_due_accounts(run: Run, _runtime: Runtime) -> None:
    async with run.finish(Scope.nobody()) as session:
        for user_id in await erasure.due(session, clock.now() - GRACE):
            await service.add(session, "erase_account", {"user_id": str(user_id)}, dedupe_key=str(user_id))


@job("erase_account", timeout_s=600, max_attempts=20)
async def erase_account(run: Run, runtime: Runtime) -> None:
    """Files first: a run that ends in between is repeated, and rows still tell whose files they were."""
    user_id = UUID(run.payload["user_id"])
    async with run.write(Scope.nobody()) as session:
        if not await deletion.is_due(session, user_id):
            return
    await runtime.storage.delete_folder(deletion.folder_of(user_id))
    async with run.finish(Scope.nobody()) as session:
        await deletion.erase(session, runtime.keys, user_id)
