"""The jobs' door."""


def worker() -> None:
    """Run jobs. Needs what `serve` needs; run as many as you like."""
    import importlib

    from arq.worker import run_worker

    from coachwatts import config, logs

    settings = config.load()
    config.require_services(settings)
    logs.configure(settings)
    # by name: the application imports nothing from the workers, only starts them
    run_worker(importlib.import_module("workers.settings").WorkerSettings)
