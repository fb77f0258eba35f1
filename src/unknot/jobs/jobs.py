"""Work of the queue on itself."""

from procrastinate.contrib.django import app

RESCUE_AFTER_SECONDS = 60
KEEP_DONE_HOURS = 72


@app.periodic(cron="* * * * *")
@app.task(name="jobs.rescue", queueing_lock="jobs.rescue", pass_context=True)
async def rescue(context: object, timestamp: int) -> None:
    """Puts jobs of killed workers back in the queue."""
    del context, timestamp
    manager = app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=RESCUE_AFTER_SECONDS):
        await manager.retry_job(stalled)


@app.periodic(cron="17 3 * * *")
@app.task(name="jobs.sweep", queueing_lock="jobs.sweep", pass_context=True)
async def sweep(context: object, timestamp: int) -> None:
    """Drops what was done days ago."""
    del context, timestamp
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_DONE_HOURS, include_failed=False)
