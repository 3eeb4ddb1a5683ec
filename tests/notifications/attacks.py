"""Addresses that no webhook may go to, each another way of writing or finding one that is not public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NOT_PUBLIC = (
    "http://localhost/",
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://0.0.0.0/",
    "http://0/",
    "http://[::]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://168.63.129.16/metadata",
    "http://[::ffff:168.63.129.16]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fd00:ec2::254]/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[ff02::1]/",
)
MALFORMED = (
    "",
    "hooks.example.com",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "http:///path",
    "http://user:password@hooks.example.com/",
    "http://hooks.example.com@127.0.0.1/",
    "http://hooks.example.com\\@127.0.0.1/",
    "http://hooks.example.com/#fragment",
    "http://hooks.example.com/a b",
    "http://hooks.example.com/\r\nX-Injected: 1",
    "http://hooks.example.com\t/",
    "http://hooks.example.com:22/",
    "http://hooks.example.com:0/",
    "http://hooks.example.com:99999/",
    "http://hooks.example.com:port/",
    "http://[::1/",
    "http://bänk.example/",
    "http://①②⑦.⓪.⓪.①/",
)


class Names:
    """A name server that answers each question with the next of its answers, and the last for good."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers, self.asked = list(answers), 0

    def __call__(self, _host: str, port: int, **_options: Any) -> list[Any]:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return [(None, None, None, "", (address, port)) for address in answer]
