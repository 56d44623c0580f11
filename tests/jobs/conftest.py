import pytest

from coachwatts import config, logs


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> None:
    """As in production. The default would paint every traceback of these drills for seconds."""
    logs.configure(config.load(_env_file=None, log_level="error", log_format="json"))
