from coachwatts.db.scope import Scope
from coachwatts.jobs import GiveUp, Run, job
from coachwatts.mail import delivery, sender
from coachwatts.mail.order import KIND, Order
from coachwatts.mail.sender import MailRefused
from coachwatts.runtime import Runtime


@job(KIND, timeout_s=90, max_attempts=14)  # about two hours: mail servers that know nobody yet want to be asked again
async def send_mail(run: Run, runtime: Runtime) -> None:
    """A worker that dies between the mail and the note of it sends it twice, under one Message-ID."""
    order = Order.parse(run.payload)
    scope = Scope.own(order.user_id)
    async with run.read(scope) as session:
        message = await delivery.pack(session, runtime.settings, runtime.keys, order, run.job_id)
    if message:
        try:
            await sender.send(runtime.settings, message)
        except MailRefused as refused:
            async with run.write(scope) as session:
                await delivery.forget(session, order)
            raise GiveUp(str(refused)) from refused
    async with run.finish(scope) as session:
        await delivery.forget(session, order)
