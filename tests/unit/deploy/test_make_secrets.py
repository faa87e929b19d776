"""The secrets of the stack: made once, shared only with whoever needs them."""

from pathlib import Path

import pytest

from deploy.make_secrets import make_all

READERS = ("app", "owner", "database", "redis")


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    for reader in READERS:
        (tmp_path / reader).mkdir()
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_a_second_start_changes_nothing(volumes: Path) -> None:
    assert len(make_all(volumes)) == 11
    before = contents(volumes)
    assert make_all(volumes) == []
    assert contents(volumes) == before


def test_the_application_cannot_read_the_password_of_the_owner(volumes: Path) -> None:
    make_all(volumes)
    owner = (volumes / "owner" / "database-password").read_text()
    assert owner == (volumes / "database" / "owner-password").read_text()
    assert all(owner not in file.read_text() for file in (volumes / "app").iterdir())


def test_both_sides_of_a_connection_get_the_same_password(volumes: Path) -> None:
    make_all(volumes)
    made = contents(volumes)
    assert made["app/database-password"] == made["database/app-password"]
    assert made["app/redis-url"] == f"redis://:{made['redis/password']}@redis:6379/0"
    assert made["redis/password.conf"] == f"requirepass {made['redis/password']}\n"


def test_every_secret_is_long_and_its_own(volumes: Path) -> None:
    make_all(volumes)
    made = contents(volumes)
    originals = [made["app/secret-key"], made["app/second-factor-keys"], made["redis/password"]]
    originals += [made[f"database/{role}-password"] for role in ("superuser", "owner", "app", "backup")]
    assert len(set(originals)) == 7
    assert min(len(secret) for secret in originals) == 64


def test_a_copy_that_was_lost_is_made_from_the_first(volumes: Path) -> None:
    make_all(volumes)
    before = contents(volumes)
    (volumes / "app" / "database-password").unlink()
    assert make_all(volumes) == ["app/database-password"]
    assert contents(volumes) == before


def test_without_its_volume_a_secret_is_not_written_elsewhere(volumes: Path) -> None:
    (volumes / "redis").rmdir()
    with pytest.raises(FileNotFoundError):
        make_all(volumes)
