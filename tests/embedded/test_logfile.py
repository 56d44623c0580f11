from pathlib import Path

import pytest

from coachwatts.embedded.logfile import LARGE, LogFile, explain

FULL = """2026-11-20 19:35:43.128 UTC [61] LOG:  starting PostgreSQL 18.4
2026-11-20 19:35:43.130 UTC [61] PANIC:  could not write to file "pg_wal/xlogtemp.61": No space left on device"""


def test_a_full_disk_is_said_in_plain_words() -> None:
    assert explain(FULL) == (
        'the disk is full; free some space and start again (PANIC:  could not write to file "pg_wal/xlogtemp.61": No space left on device)'
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "it ended without a word"),
        ("bye\n", "bye"),
        ("LOG:  ok\nFATAL:  lock file exists\nLOG:  database system is shut down\n", "FATAL:  lock file exists"),
        ("61:M 20 Nov 2026 19:35:43.128 # Can't open the log: Permission denied", "Can't open the log: Permission denied"),
    ],
)
def test_the_reason_is_the_line_that_tells_of_trouble(words: str, reason: str) -> None:
    assert explain(words) == reason


def test_only_this_run_counts(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log")
    log.path.write_text("FATAL:  of yesterday\n")
    log.turn()
    with log.path.open("a") as file:
        file.write("FATAL:  of today\n")
    assert log.reason() == "FATAL:  of today"


def test_a_large_log_is_put_aside(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log")
    log.path.write_bytes(b"x" * (LARGE + 1))
    log.turn()
    assert not log.path.exists()
    assert (tmp_path / "log.old").stat().st_size == LARGE + 1
