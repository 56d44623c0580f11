"""The database's revision."""


def migrate() -> None:
    """Bring the database to this release's revision, as its owner (DIRECT_URL)."""
    from coachwatts import config, logs
    from coachwatts.db import migrations
    from coachwatts.embedded.services import reached

    settings = config.load()
    logs.configure(settings)
    with reached(settings) as resolved:
        migrations.upgrade(resolved)
