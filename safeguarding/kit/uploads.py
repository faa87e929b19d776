"""How files arrive: straight onto the private disk, never into memory, and no more of them than anybody could mean.

What is too large is not broken off: the rest of the form holds words that must not be lost. It is read to its end and
thrown away, and the file says so.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest


def incoming_folder() -> Path:
    """Where files lie while they arrive: beside those that are kept, so that keeping one moves nothing across disks."""
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class Arrived(UploadedFile):  # type: ignore[type-arg]  # generic for the type checker alone
    """A file that has arrived. `size` is what was sent; `is_cut` says that not all of it was kept."""

    is_cut = False


class ToPrivateFolder(FileUploadHandler):
    """Django's upload handler of this site. A temporary file goes when it is closed, at the latest with the request."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._in_request = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._is_cut, self._length = False, 0
        self.file = tempfile.NamedTemporaryFile(dir=incoming_folder())  # noqa: SIM115 (open until the request ends)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        # The chunk that goes over the limit is still kept, so that whoever reads the file sees that it does.
        if self._length <= settings.UPLOAD_MOST_BYTES and self._in_request <= settings.UPLOAD_MOST_BYTES_AT_ONCE:
            self.file.write(raw_data)
        else:
            self._is_cut = True
        self._length += len(raw_data)
        self._in_request += len(raw_data)

    def file_complete(self, file_size: int) -> Arrived:
        self.file.seek(0)
        arrived = Arrived(
            file=self.file, name=self.file_name, content_type=self.content_type, size=file_size, charset=self.charset
        )
        arrived.is_cut = self._is_cut
        return arrived

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
