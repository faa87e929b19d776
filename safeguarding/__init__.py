"""The project. The Celery app is loaded here, so that `shared_task` finds it in every process."""

from safeguarding.celery import app as celery_app

__all__ = ["celery_app"]
