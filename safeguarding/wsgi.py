"""The WSGI entry point. In production it refuses to start with a weak setting."""

import os

from django.core.wsgi import get_wsgi_application

from safeguarding.checks import refuse_weak_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safeguarding.settings")
application = get_wsgi_application()
refuse_weak_start()
