"""What somebody typed never reaches a log, also when it fails."""

import io
import logging

import pytest

from safeguarding.logs import WithoutKeys, WithoutPersonalData


@pytest.fixture
def log() -> tuple[logging.Logger, io.StringIO]:
    logger, written = logging.Logger("concerns"), io.StringIO()  # noqa: LOG001 (of its own, apart from the tree)
    handler = logging.StreamHandler(written)
    handler.setFormatter(WithoutPersonalData())
    logger.addHandler(handler)
    return logger, written


def test_a_failure_is_logged_by_kind_and_place_without_its_text(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    try:
        try:
            raise KeyError("Mrs O'Neill, 4 Mill Lane")
        except KeyError as error:
            raise ValueError("Key (name)=(Mrs O'Neill) already exists") from error
    except ValueError:
        logger.exception("Could not save")
    assert "Could not save" in written.getvalue()
    assert "builtins.ValueError" in written.getvalue()
    assert "builtins.KeyError" in written.getvalue()
    assert "test_logs.py" in written.getvalue()
    assert "Neill" not in written.getvalue()


def test_what_another_handler_made_of_a_failure_is_not_written_again(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    before = logging.StreamHandler(io.StringIO())
    before.setFormatter(logging.Formatter())
    logger.handlers.insert(0, before)
    try:
        raise KeyError("Mrs O'Neill, 4 Mill Lane")
    except KeyError:
        logger.exception("Could not save")
    assert "builtins.KeyError" in written.getvalue()
    assert "Neill" not in written.getvalue()


def test_a_failed_task_is_logged_without_the_text_of_its_failure(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    logger.error("Task %(name)s raised: %(exc)s", {"name": "kit.deliver_message", "exc": "no such person: Mrs O'Neill"})
    assert "Task kit.deliver_message raised: (text left out)" in written.getvalue()
    assert "Neill" not in written.getvalue()


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\x1b[2K", "\x85", "\u2028"])
@pytest.mark.parametrize("formatter", [WithoutPersonalData(), WithoutKeys("%(message)s")], ids=["errors", "requests"])
def test_a_stranger_writes_no_line_of_ours(formatter: logging.Formatter, breaks: str) -> None:
    forged = "2026-11-27T02:00:00+0000 ERROR audit.services: Seal 7 is forged."
    asked = logging.LogRecord("gunicorn", logging.INFO, "", 0, "GET %s", (f"/x{breaks}{forged}",), None)
    line = formatter.format(asked)
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert forged in line
