"""Takes every e-mail and shows it on a page, so that the service can be tried without a mail server.

SMTP on port 1025, the page on port 8025. The newest 500 are kept, in memory: they are gone when it ends. Not for use
with real people: whoever reaches the page reads the one-time links of everybody.
"""

import email
import email.policy
import html
import itertools
from collections import deque
from dataclasses import dataclass
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside its container; docker-compose.yml publishes it to this machine alone
SMTP_PORT, PAGE_PORT = 1025, 8025
LARGEST = 10 * 1024 * 1024  # bytes
PAGE = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title></head>
<body><main><h1>{title}</h1>{content}</main></body></html>"""


@dataclass(frozen=True)
class Caught:
    number: int
    to: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["subject"] or "(no subject)")

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain", "html"))
        return str(body.get_content()) if body else ""


_numbers = itertools.count(1)
_caught: deque[Caught] = deque(maxlen=500)


class Catcher:
    """What aiosmtpd calls for each message."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        parsed = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 - what the policy makes
        _caught.appendleft(Caught(next(_numbers), ", ".join(envelope.rcpt_tos), parsed))
        return "250 Kept"


class Page(BaseHTTPRequestHandler):
    """The list at /, one message at /<number>."""

    def do_GET(self) -> None:
        wanted = self.path.strip("/")
        found = [one for one in list(_caught) if str(one.number) == wanted]
        if not wanted:
            rows = "".join(
                f'<li><a href="/{one.number}">{html.escape(one.subject)}</a> to {html.escape(one.to)}</li>'
                for one in list(_caught)
            )
            self._answer(200, "Caught e-mails", f"<ul>{rows}</ul>" if rows else "<p>None yet.</p>")
        elif found:
            one = found[0]
            content = f"<p>To: {html.escape(one.to)}</p><pre>{html.escape(one.text)}</pre><p><a href='/'>All</a></p>"
            self._answer(200, one.subject, content)
        else:
            self._answer(404, "No such e-mail", "<p><a href='/'>All</a></p>")

    def _answer(self, status: int, title: str, content: str) -> None:
        body = PAGE.format(title=html.escape(title), content=content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Says nothing: addresses of messages are of no use in a log."""


if __name__ == "__main__":
    Controller(Catcher(), hostname=EVERYWHERE, port=SMTP_PORT, data_size_limit=LARGEST).start()
    ThreadingHTTPServer((EVERYWHERE, PAGE_PORT), Page).serve_forever()
