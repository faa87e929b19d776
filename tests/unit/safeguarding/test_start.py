"""Production starts only when it is sound. Tried from outside, as the container does it: by the environment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOUND = {
    "SAFEGUARDING_SECRET_KEY": "x8Lk2mPq9Rt4Vw7Yz1Bc3Df5Gh6Jn0Ks-x8Lk2mPq9Rt4Vw7Yz1Bc3",
    "SAFEGUARDING_SECOND_FACTOR_KEYS": "Qm3Wn6Er9Tb2Yv5Uc8Ix1Oz4Pa7Sd0Fg-Qm3Wn6Er9Tb2Yv5Uc8Ix",
    "SAFEGUARDING_SITE_URL": "https://safeguarding.example.org",
    "SAFEGUARDING_ALLOWED_HOSTS": "safeguarding.example.org",
    "SAFEGUARDING_DB_NAME": "safeguarding",
    "SAFEGUARDING_DB_HOST": "postgres",
    "SAFEGUARDING_REDIS_URL": "redis://redis:6379/0",
    "SAFEGUARDING_MAIL_HOST": "mail.example.org",
    "SAFEGUARDING_CLAMAV": "clamav:3310",
}


def start(scratch: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    """Load the web entry point with a sound production's environment but for `changed`; "" leaves a variable out."""
    (scratch / "static").mkdir()
    given = {name: value for name, value in (SOUND | changed).items() if value}
    env = {"PATH": os.environ["PATH"], "SAFEGUARDING_VAR": str(scratch), **given}
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", "import safeguarding.wsgi"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)


def test_a_sound_production_starts(tmp_path: Path) -> None:
    done = start(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_export_always_has_a_process_to_make_its_pdfs(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "SAFEGUARDING_VAR": str(tmp_path), "SAFEGUARDING_MODE": "demo"}
    told = "from safeguarding import settings; print(settings.PDF_PROCESSES)"
    command = [sys.executable, "-c", told]
    made = subprocess.run(
        command, cwd=ROOT, env=env | {"SAFEGUARDING_PDF_PROCESSES": "0"}, check=True, capture_output=True, timeout=60
    )
    assert made.stdout == b"1\n"


def test_the_demo_starts_with_what_comes_with_it(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "SAFEGUARDING_VAR": str(tmp_path), "SAFEGUARDING_MODE": "demo"}
    command = [sys.executable, "-c", "import safeguarding.wsgi"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=60)


def test_a_weak_production_does_not_start_and_names_every_weakness(tmp_path: Path) -> None:
    missing = ("SECRET_KEY", "SECOND_FACTOR_KEYS", "REDIS_URL", "MAIL_HOST", "CLAMAV")
    done = start(tmp_path, **{f"SAFEGUARDING_{name}": "" for name in missing})
    assert done.returncode != 0
    assert "The secret key is missing" in done.stderr
    assert "The key of the second steps is missing" in done.stderr
    assert "Background work has no Redis" in done.stderr
    assert "E-mail reaches nobody" in done.stderr
    assert "Files that people add are not checked for viruses" in done.stderr


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(SOUND["SAFEGUARDING_SECRET_KEY"] + "\n")
    done = start(tmp_path, SAFEGUARDING_SECRET_KEY="", SAFEGUARDING_SECRET_KEY_FILE=str(file))
    assert (done.returncode, done.stderr) == (0, "")


OF_BEFORE = [
    "Zt5Vb8Nm1Qw4Er7Ty0Ui3Op6As9Df2Gh-Zt5Vb8Nm1Qw4Er7Ty0Ui3",
    "Hj5Kl8Zx1Cv4Bn7Ma0Sd3Fg6Hj9Kl2Qw-Hj5Kl8Zx1Cv4Bn7Ma0Sd3",
]


@pytest.mark.parametrize("between", ["\n", " "])
@pytest.mark.parametrize("is_in_file", [True, False])
def test_keys_of_before_may_be_named(tmp_path: Path, between: str, is_in_file: bool) -> None:
    name, given = "SAFEGUARDING_SECRET_KEY_FALLBACKS", between.join(OF_BEFORE)
    if is_in_file:
        file = tmp_path / "keys"
        file.write_text(given + "\n")
        name, given = f"{name}_FILE", str(file)
    env = {"PATH": os.environ["PATH"], "SAFEGUARDING_VAR": str(tmp_path), **SOUND, name: given}
    told = "from safeguarding import settings; print(*settings.SECRET_KEY_FALLBACKS)"
    made = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, env=env, check=True, capture_output=True, text=True, timeout=60
    )
    assert made.stdout.split() == OF_BEFORE


def test_a_short_key_of_before_stops_the_start(tmp_path: Path) -> None:
    done = start(tmp_path, SAFEGUARDING_SECRET_KEY_FALLBACKS=f"{OF_BEFORE[0]} short")
    assert done.returncode != 0
    assert "The secret key is missing, short or a well-known one" in done.stderr
    assert "each key of SAFEGUARDING_SECRET_KEY_FALLBACKS" in done.stderr
    (tmp_path / "sound").mkdir()
    done = start(tmp_path / "sound", SAFEGUARDING_SECRET_KEY_FALLBACKS=" ".join(OF_BEFORE))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_worker_refuses_as_the_web_process_does(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "SAFEGUARDING_VAR": str(tmp_path), **SOUND, "SAFEGUARDING_MAIL_HOST": ""}
    for role in (["worker", "--pool", "solo"], ["beat", "--pidfile="]):
        command = [sys.executable, "-m", "celery", "--app", "safeguarding", *role]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode != 0
        assert "E-mail reaches nobody" in done.stdout + done.stderr
