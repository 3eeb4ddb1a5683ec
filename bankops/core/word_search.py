"""Find names by the beginnings of their words, over millions of rows, through an index.

    indexes = [GinIndex(Words("name"), name="customer_by_words")]
    Customer.objects.filter(name__words="li hu")        # Li Hua, HU Li Min, Huber & Linde; not Wang Lihua

Every word asked for must begin a word of the name; case does not matter. Text without spaces, such as a Chinese name, is
one word. PostgreSQL's full text search with its `simple` dictionary does it: no stemming, no stop words, no extension.
"""

from __future__ import annotations

from typing import Any

from django.db import models


class Words(models.Func):
    """The words of a text column, for an index."""

    template = "to_tsvector('simple', %(expressions)s)"
    output_field = models.TextField()


@models.CharField.register_lookup
class HasWords(models.Lookup):
    """`…__words="li hu"`."""

    lookup_name = "words"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"to_tsvector('simple', {column}) @@ to_tsquery('simple', %s)", (*params, _query(str(self.rhs)))


def _query(text: str) -> str:
    """Return the query for the beginnings of all words; quoted, so that nothing in them is an operator."""
    quoted = [word.replace("\\", "\\\\").replace("'", "''") for word in text.split()]
    return " & ".join(f"'{word}':*" for word in quoted)
