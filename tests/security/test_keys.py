import stat
import sys
from base64 import b64encode, urlsafe_b64encode
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from coachwatts import config
from coachwatts.clock import now, turned_by
from coachwatts.config import Settings, WrongSetting
from coachwatts.security import keys as module
from coachwatts.security.keys import add_key, generate_key, load_keys, parse_keys

RAW = bytes(range(100, 132))
KEY, OTHER = b64encode(RAW).decode(), b64encode(bytes(range(200, 232))).decode()


def settings(**given: Any) -> Settings:
    return config.load(_env_file=None, **given)


def test_keys_are_read_newest_first() -> None:
    assert parse_keys(f"b:{OTHER}, a:{KEY}").ids == ("b", "a")
    assert parse_keys(f"b:{OTHER}\n\na:{KEY}\n").primary == "b"


def test_both_alphabets_of_base64_give_the_same_key() -> None:
    raw = b"\xfb\xff\xfe" + RAW[3:]
    plain, safe = b64encode(raw).decode(), urlsafe_b64encode(raw).decode()
    assert plain != safe
    assert parse_keys(f"a:{plain}").subkeys("x") == parse_keys(f"a:{safe}").subkeys("x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no key"),
        (" , \n", "holds no key"),
        (KEY, "key 1 is not written as id:base64"),
        (f"a:{KEY},{OTHER}", "key 2 is not written as id:base64"),
        (f":{KEY}", "key 1 is not written as id:base64"),
        (f"a|b:{KEY}", "key 1 is not written as id:base64"),
        (f"{'x' * 33}:{KEY}", "key 1 is not written as id:base64"),
        (f"a:{KEY},a:{OTHER}", "the id 'a' stands for two keys"),
        ("a:%%%", "the key 'a' is not base64"),
        (f"a:{KEY[:-1]}", "the key 'a' is not base64"),
        (f"a:{b64encode(RAW[:16]).decode()}", "has 16 bytes and must have 32"),
        (f"a:{b64encode(RAW + RAW).decode()}", "has 64 bytes and must have 32"),
        ("a:", "has 0 bytes and must have 32"),
        (f"a:{b64encode(b'correct horse battery staple 123').decode()}", "no random key but text"),
        (f"a:{b64encode(bytes(32)).decode()}", "no random key but text or a pattern"),
        (f"a:{b64encode(bytes(range(8)) * 4).decode()}", "no random key but text or a pattern"),
    ],
)
def test_what_is_no_key_is_refused_in_clear_words(text: str, words: str) -> None:
    with pytest.raises(WrongSetting, match=r"^COACHWATTS_MASTER_KEYS: ") as refused:
        parse_keys(text)
    assert words in str(refused.value)
    assert not any(secret in str(refused.value) for secret in (KEY, OTHER, "%%%", "correct"))


@given(st.text(max_size=60))
def test_junk_is_a_wrong_setting_and_nothing_else(text: str) -> None:
    with pytest.raises(WrongSetting):
        parse_keys(text)


def test_generated_keys_are_accepted_and_differ() -> None:
    made = [generate_key() for _ in range(50)]
    assert len(set(made)) == 50
    assert all(parse_keys(key) for key in made)


def test_the_id_of_a_key_tells_its_day() -> None:
    with turned_by(timedelta(days=400)):
        assert generate_key().startswith(f"{now():%Y-%m-%d}-")


def test_keys_come_from_the_setting() -> None:
    assert load_keys(settings(master_keys=SecretStr(f"b:{OTHER},a:{KEY}"))).ids == ("b", "a")


def test_keys_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"b:{OTHER}\na:{KEY}\n")
    assert load_keys(settings(master_keys=SecretStr(f"@{file}"))).ids == ("b", "a")


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), (b"\xff\xfe", "it is no text"), (b"", "holds no key")])
def test_a_file_that_holds_no_keys_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "keys"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(WrongSetting, match=words):
        load_keys(settings(master_keys=SecretStr(f"@{file}")))


def test_keys_come_from_a_command_that_runs_once_and_without_a_shell(tmp_path: Path) -> None:
    script = tmp_path / "vault.py"
    script.write_text(f"import sys; open({str(tmp_path / 'runs')!r}, 'a').write('x'); print({f'a:{KEY}'!r}, *sys.argv[1:2])")
    ring = load_keys(settings(master_key_command=f"{sys.executable} {script} 'b:{OTHER}' ; exit 1"))
    assert ring.ids == ("a", "b")
    ring.subkeys("x")
    assert (tmp_path / "runs").read_text() == "x"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys; print('a:hunter2'); sys.exit(3)", "ended with status 3"),
        ("print('hunter2')", "not written as id:base64"),
        ("import os; os.write(1, bytes([255]))", "wrote no text"),
    ],
)
def test_a_command_that_fails_is_told_without_what_it_wrote(code: str, words: str) -> None:
    with pytest.raises(WrongSetting, match=r"^COACHWATTS_MASTER_KEY_COMMAND: ") as refused:
        load_keys(settings(master_key_command=f'{sys.executable} -c "{code}"'))
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("command", ["/no/such/program --token hunter2", "'hunter2", " "])
def test_a_command_that_cannot_run_is_told_without_its_text(command: str) -> None:
    with pytest.raises(WrongSetting, match="cannot be run") as refused:
        load_keys(settings(master_key_command=command))
    assert "hunter2" not in str(refused.value)


def test_a_command_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMMAND_TIMEOUT_S", 0.2)
    begun = perf_counter()
    with pytest.raises(WrongSetting, match="did not end within"):
        load_keys(settings(master_key_command="sleep 30"))
    assert perf_counter() - begun < 5


def test_two_sources_or_none_are_refused() -> None:
    with pytest.raises(WrongSetting, match="keep one of them"):
        load_keys(settings(master_keys=SecretStr(f"a:{KEY}"), master_key_command="true"))
    with pytest.raises(WrongSetting, match="coachwatts keys generate"):
        load_keys(settings())


def test_a_new_key_comes_first_in_a_file_that_only_its_user_reads(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    first, second = add_key(file), add_key(file)
    assert parse_keys(file.read_text()).ids == (second, first)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [*tmp_path.iterdir()] == [file]


def test_a_draft_left_by_a_killed_run_is_in_nobodys_way(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    (tmp_path / "keys.new").write_text("half a ke")
    (tmp_path / "keys.new").chmod(0o644)
    key_id = add_key(file)
    assert parse_keys(file.read_text()).ids == (key_id,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
