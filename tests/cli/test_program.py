import subprocess
import sys
from collections.abc import Callable

from coachwatts import __version__
from coachwatts.cli.program import assemble

HEAVY = {"sqlalchemy", "strawberry", "starlette", "asyncpg", "alembic", "pydantic", "cryptography", "arq", "weasyprint", "httpx", "obstore"}
Run = Callable[..., subprocess.CompletedProcess[str]]


def test_help_names_every_command(coachwatts: Run) -> None:
    done = coachwatts("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("up", "serve", "worker", "migrate", "schema", "doctor"))


def test_every_command_says_what_it_does() -> None:
    program = assemble()
    assert [command.name for command in program.registered_commands if not (command.callback and command.callback.__doc__)] == []


def test_assembling_imports_nothing_heavy() -> None:
    code = "import sys; from coachwatts.cli.program import assemble; assemble(); print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(done.stdout.split())


def test_the_version(coachwatts: Run) -> None:
    assert coachwatts("--version").stdout == f"{__version__}\n"


def test_an_unknown_command_is_a_usage_error(coachwatts: Run) -> None:
    done = coachwatts("fly")
    assert done.returncode == 2
    assert "No such command" in done.stderr


def test_a_wrong_setting_is_one_line_that_names_it(coachwatts: Run) -> None:
    for command in ("up", "serve", "worker", "migrate"):
        done = coachwatts(command, COACHWATTS_MODE="prod")
        assert done.returncode == 1
        assert done.stderr == "coachwatts: COACHWATTS_MODE: Input should be 'development' or 'production' (got 'prod')\n"


def test_serve_and_worker_name_what_they_lack(coachwatts: Run) -> None:
    for command in ("serve", "worker"):
        done = coachwatts(command, DATABASE_URL="postgresql://u:hunter2@db/x")
        assert done.returncode == 1
        assert "not set: REDIS_URL, STORAGE_URL" in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_service_that_is_away_is_one_line(coachwatts: Run) -> None:
    away = {
        "DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x",
        "REDIS_URL": "redis://127.0.0.1:1",
        "STORAGE_URL": "memory://",
        "COACHWATTS_MASTER_KEYS": "k:x",
        "COACHWATTS_LOG_LEVEL": "error",
    }
    done = coachwatts("migrate", **away)
    assert done.returncode == 1
    assert "Connect call failed" in done.stderr
    assert "doctor" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr


def test_for_debugging_the_traceback_is_shown(coachwatts: Run) -> None:
    done = coachwatts("migrate", DATABASE_URL="postgresql://u@127.0.0.1:1/x", COACHWATTS_LOG_LEVEL="debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
