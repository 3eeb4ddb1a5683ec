"""Someone with a web browser, for the demo's story: follows redirects, keeps cookies, fills in forms as they are.

It asks for a page before it posts to it and sends the form's own fields back, the CSRF token and any hidden key among
them. A page that lost its form, or a form that lost a field, is therefore noticed here as a person would notice it.
"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urljoin

import requests

from bankops.core.page import Files, FormData, Page, UnexpectedPage

__all__ = ["Page", "UnexpectedPage", "Visitor"]

_TIMEOUT_SECONDS = 30


class Visitor:
    """One person's session with the site at ``base_url``. Paths are like ``/admin/``; full addresses work too."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self.http = requests.Session()
        self.http.trust_env = False  # a proxy of the machine has no business between us and our own server

    def get(self, path: str, *, expect: int = 200) -> Page:
        """:raises UnexpectedPage: when the answer has another status than ``expect``, redirects followed."""
        response = self.http.get(urljoin(self.base_url, path), timeout=_TIMEOUT_SECONDS)
        return _page(response, expect)

    def download(self, path: str) -> tuple[bytes, str]:
        """Return a file and its content type.

        :raises UnexpectedPage: when the answer is no file.
        """
        response = self.http.get(urljoin(self.base_url, path), timeout=_TIMEOUT_SECONDS)
        if response.status_code != HTTPStatus.OK or "attachment" not in response.headers.get("Content-Disposition", ""):
            raise UnexpectedPage(f"{response.url} is no file ({response.status_code})")
        return response.content, response.headers["Content-Type"]

    def post_form(
        self, path: str, data: FormData, *, files: Files | None = None, expect: int = 200, refused: bool = False
    ) -> Page:
        """Open a page, fill in its form and send it. Return the page this leads to.

        :param files: what is chosen in the form's file fields: name and content.
        :param refused: the form is expected to come back with errors, which are then in ``Page.errors``.
        :raises UnexpectedPage: other status, no such form or field, errors where none, or none where some are expected.
        """
        return self.submit(self.get(path), data, files=files, expect=expect, refused=refused)

    def submit(
        self,
        page: Page,
        data: FormData,
        *,
        press: str = "",
        files: Files | None = None,
        expect: int = 200,
        refused: bool = False,
    ) -> Page:
        """Fill in the form of a page that is open already, a confirmation for instance, and send it.

        :param press: the name of the button, where it has one. The other parameters, the answer and the errors are
            those of `post_form`.
        """
        form = page.form_for({**data, **dict.fromkeys(files or {}, "")}, press)
        response = self.http.post(
            urljoin(page.url, form.action),
            data=form.filled_in(data, press=press),
            files=form.chosen(files or {}),
            headers={"Referer": page.url},  # Django's CSRF check wants it over HTTPS
            timeout=_TIMEOUT_SECONDS,
        )
        answer = _page(response, expect)
        if bool(answer.errors) != refused:
            outcome = "accepted what it should refuse" if refused else "was refused"
            raise UnexpectedPage(f"The form at {page.url} {outcome}.{answer.complaint()}")
        return answer


def _page(response: requests.Response, status: int) -> Page:
    page = Page(url=response.url, status=response.status_code, html=response.text)
    if page.status != status:
        raise UnexpectedPage(f"{page.url} answered {page.status} instead of {status}.{page.complaint()}")
    return page
