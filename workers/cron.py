"""What runs by the clock. Times are UTC; one that passed while no worker ran is made up for, once."""

from datetime import timedelta

from coachwatts.jobs.schedule import Every

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

SCHEDULE = (
    Every("purge_sign_in_leftovers", HOUR, at=timedelta(minutes=7)),
    Every("erase_due_accounts", HOUR, at=timedelta(minutes=23)),
    Every("purge_finished_jobs", DAY, at=timedelta(hours=3)),
)
