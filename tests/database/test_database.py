"""The database: its tables, its transactions, and clear messages where it cannot be used."""

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from mnist_core.database.location import VARIABLE
from mnist_core.database.opening import check_database, close_all, database_exists, open_database
from mnist_core.database.schema import HEAD, KNOWN, MIGRATIONS
from mnist_core.database.shared_tables import metadata, promotions
from mnist_core.errors import DatabaseError
from tests.conftest import ROOT


def test_the_steps_lead_to_the_tables_that_the_program_uses(tmp_path: Path, database: str) -> None:
    with open_database(tmp_path).reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_program_knows_all_steps() -> None:
    steps = ScriptDirectory(str(MIGRATIONS))
    assert tuple(step.revision for step in steps.walk_revisions())[::-1] == KNOWN
    assert (steps.get_heads(), KNOWN[-1]) == ([HEAD], HEAD)


def test_processes_that_start_at_once_make_the_tables_once(tmp_path: Path, database: str) -> None:
    start = "import sys; from pathlib import Path; from mnist_core.database.opening import open_database\n"
    start += "with open_database(Path(sys.argv[1])).writing() as connection: pass"
    processes = [subprocess.Popen([sys.executable, "-c", start, str(tmp_path)], cwd=ROOT) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]


def test_a_transaction_that_fails_leaves_nothing_and_one_that_reads_first_sees_the_others(
    tmp_path: Path, database: str
) -> None:
    place = open_database(tmp_path)
    with pytest.raises(ValueError, match="no"), place.writing() as connection:
        connection.execute(promotions.insert(), {"architecture": "mlp", "run": "a"})
        raise ValueError("no")

    def add(name: str) -> None:
        with place.writing() as connection:
            count = len(connection.execute(select(promotions)).all())
            connection.execute(promotions.insert(), {"architecture": f"{count}", "run": name})

    threads = [threading.Thread(target=add, args=(f"run-{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with place.reading() as connection:
        assert sorted(int(row.architecture) for row in connection.execute(select(promotions))) == list(range(12))


def test_a_database_of_a_newer_version_is_a_clear_message(tmp_path: Path, database: str) -> None:
    with open_database(tmp_path).writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    close_all()
    with pytest.raises(DatabaseError, match=f"newer version of Digit Duel.*9999.*up to {HEAD}"):
        check_database(tmp_path)


def test_looking_whether_a_database_is_right_makes_none(tmp_path: Path) -> None:
    check_database(tmp_path)
    assert not database_exists(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ada:secret@host/digits",
        "secret",
        "sqlite://",
        "sqlite:///",
        "postgresql://",
        "postgresql://a:secret@[x/y",
        "postgresql://a:se@cret/secret@host/digits",
    ],
)
def test_an_address_that_names_no_database_is_a_message_without_what_it_said(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, url)
    with pytest.raises(DatabaseError, match=f"{VARIABLE} is no address") as caught:
        check_database(tmp_path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("password", ["secret", "se%2Fcret"])
def test_a_server_that_does_not_answer_is_a_message_without_the_password(
    password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in (
        f"postgresql://ada:{password}@127.0.0.1:1/digits",
        f"postgresql://ada@127.0.0.1:1/digits?password={password}",
        f"postgresql://ada:{password}@127.0.0.1:1/digits?nonsense={password}",
    ):
        monkeypatch.setenv(VARIABLE, url)
        with pytest.raises(DatabaseError, match=r"postgresql://127\.0\.0\.1:1/digits cannot be used") as caught:
            check_database(tmp_path)
        assert "cret" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("password", ["12/se:cret", "se#cret", "se/cr?et", "se[cret"])
def test_a_password_with_signs_that_an_address_uses_itself_is_in_no_message(
    password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, f"postgresql://ada:{password}@127.0.0.1:1/digits?connect_timeout=1")
    with pytest.raises(DatabaseError, match="cannot be used") as caught:
        check_database(tmp_path)
    assert "127.0.0.1:1/digits cannot" in str(caught.value) or "?" in password
    assert not {"se", "cr", "et", "cret", "12"}.intersection(re.split(r"\W", str(caught.value)))


def test_without_its_package_a_postgresql_address_is_a_message_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql://ada:secret@127.0.0.1:1/other")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseError, match="pip install"):
        check_database(tmp_path)


def test_an_error_of_whoever_uses_the_database_is_not_taken_for_one_of_the_database(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_database(tmp_path).writing():
        (tmp_path / "absent").read_bytes()


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "50% of a?b#c &d=é"
    with open_database(folder).writing() as connection:
        connection.execute(promotions.insert(), {"architecture": "mlp", "run": "a"})
    assert [path.name for path in folder.iterdir()] == [".digit-duel.db"]


def test_a_file_that_is_no_database_is_a_message_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / ".digit-duel.db"
    path.write_bytes(b"these are some notes of mine" * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        check_database(tmp_path)
    assert path.read_bytes() == b"these are some notes of mine" * 100


def test_a_file_that_was_removed_under_a_running_server_comes_again(tmp_path: Path) -> None:
    place = open_database(tmp_path)
    with place.writing():
        pass
    (tmp_path / ".digit-duel.db").unlink()
    with place.writing() as connection:
        connection.execute(promotions.insert(), {"architecture": "mlp", "run": "a"})


def test_neither_predicting_nor_the_app_s_first_page_imports_the_database_library() -> None:
    look = "import sys, mnist_core.runs.store, mnist_core.access.acts, mnist_core.jobs.queue\n"
    look += "print([name for name in ('sqlalchemy', 'alembic', 'psycopg') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
