"""The jobs' door."""


def worker() -> None:
    """Run jobs. Needs what `serve` needs; run as many as you like."""
    import importlib

    # by name: the application imports nothing from the workers, only starts them
    importlib.import_module("workers.main").run()
