"""Uploaded files: held in memory up to the limit, and read past beyond it, so that nobody fills memory or disk."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler


class TooLargeFile(InMemoryUploadedFile):
    """In the place of a file that was larger than the bank takes: its name and size are known, its content is not kept."""


class CappedUploadHandler(MemoryFileUploadHandler):
    """Django's handler for memory, which otherwise drops a large file as if none had been sent."""

    def file_complete(self, file_size: int) -> Any:
        if self.activated:  # the whole request was small enough
            return super().file_complete(file_size)
        return TooLargeFile(
            file=BytesIO(),
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type or "",
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
