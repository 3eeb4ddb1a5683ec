"""Model fields whose values the database never sees: sealed text, and a blind index to find it by.

    class CustomerIdentifier(models.Model):
        id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
        value = SealedTextField(_("value"))
        value_index = BlindIndexField(of="value", context="accounts.identifier")

    identifier.value = "310101197003041001"         # plain text in, sealed when the record is saved
    str(identifier.value), identifier.value.masked  # "•••", "•••1001"
    identifier.value.reveal()                       # "310101197003041001", and grep finds who does that
    CustomerIdentifier.objects.filter(value_index__matches="310101197003041001")

What is sealed is bound to table, column and primary key (the associated data of AES-GCM), so bytes copied into another
row or column do not open there; the primary key must therefore be known before the record is saved. Rows of a history
table are bound to the record that they are versions of. Renaming a table or column needs a migration that seals again.

A sealed field can be written by `save` and `bulk_create` only, and compared with nothing but NULL. `update_fields`
that name a sealed field name its blind index too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from django.core import checks
from django.db import models
from django.db.models.lookups import In
from django.db.models.query_utils import DeferredAttribute

from bankops.core import encryption
from bankops.core.masking import MASK, mask_tail

_Set_contra = TypeVar("_Set_contra", contravariant=True)
_Get_co = TypeVar("_Get_co", covariant=True)

if TYPE_CHECKING:
    _Field = models.Field
else:

    class _Field(models.Field):
        def __class_getitem__(cls, _types: Any) -> type:
            return cls


class Secret:
    """Text that shows itself to nobody by accident: in print, logs, templates, tracebacks and admin pages it is a mask.

    True when there is text in it. JSON and pickle refuse it. Two secrets are equal when their texts are.
    """

    __slots__ = ("_context", "_plain", "_sealed")

    __hash__ = None  # type: ignore[assignment]  # equal texts are sealed in different bytes

    def __init__(self, plain: str) -> None:
        self._plain: str | None = plain
        self._sealed: bytes | None = None
        self._context = ""

    @classmethod
    def loaded(cls, sealed: bytes, context: str = "") -> Secret:
        """Return a secret as it was read from the place `context`; it is opened when somebody reveals it."""
        secret = cls("")
        secret._plain, secret._sealed, secret._context = ("" if not sealed else None), sealed, context
        return secret

    def reveal(self) -> str:
        """Return the text in clear.

        :raises CannotDecrypt: when no configured key opens it, or its bytes belong to another place.
        """
        if self._plain is None:
            assert self._sealed is not None
            self._plain = encryption.decrypt(self._sealed, context=self._context).decode()
        return self._plain

    # The template engine calls what it finds. It must not call this: a view reveals, after asking for the reason.
    reveal.alters_data = True  # type: ignore[attr-defined]

    @property
    def masked(self) -> str:
        """The text with all but its last four characters hidden."""
        return mask_tail(self.reveal()) if self else ""

    def bound(self, context: str) -> Secret:
        """Return the secret with its place, where it was read without knowing it."""
        return self if self._context or self._sealed is None else Secret.loaded(self._sealed, context)

    def sealed_for(self, context: str) -> bytes:
        """Return the bytes to store at the place `context`: those that were read there, unless an older key wrote them."""
        if self._sealed is not None and self._context == context and (not self or encryption.is_current(self._sealed)):
            return self._sealed
        plain = self.reveal()
        sealed = encryption.encrypt(plain.encode(), context=context) if plain else b""
        if self._sealed is None or self._context == context:
            self._sealed, self._context = sealed, context
        return sealed

    def __bool__(self) -> bool:
        return bool(self._sealed if self._plain is None else self._plain)

    def __str__(self) -> str:
        return MASK if self else ""

    def __repr__(self) -> str:
        return f"<Secret {self}>"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        return self.reveal() == other.reveal() if isinstance(other, Secret) else NotImplemented

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _memo: Any) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled: store its record")


class _Stored(bytes):
    """What `SealedTextField` made itself, so that nothing else gets into the column."""


class _SealedAttribute(DeferredAttribute):
    """Gives a `Secret` out, and takes plain text or a `Secret` in."""

    field: SealedTextField[Any, Any]

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        return value.bound(self.field.context_of(instance)) if instance and isinstance(value, Secret) else value

    def __set__(self, instance: models.Model, value: str | Secret | None) -> None:
        if isinstance(value, Secret) and self.field.key_of(instance) is not None:
            value = value.bound(self.field.context_of(instance))
        instance.__dict__[self.field.attname] = Secret(value) if isinstance(value, str) else value


class SealedTextField(_Field[_Set_contra, _Get_co]):
    """Text that is encrypted in its column (`bytea`). NULL and the empty text are stored as they are.

    Attribute access gives a `Secret`; assignment takes plain text or a `Secret`. See the module.
    """

    _pyi_private_set_type: str | Secret
    _pyi_private_get_type: Secret

    descriptor_class = _SealedAttribute
    empty_values = [None]

    def get_internal_type(self) -> str:
        return "BinaryField"

    def context_of(self, instance: models.Model | None) -> str:
        """Return the place of this field in this row: `table.column.<primary key>`."""
        key = self.key_of(instance)
        if key is None:
            raise ValueError(f"{self.model.__name__}.{self.name} is bound to its row: give the record a key before it")
        return context(self.model._meta.db_table, str(self.column), key)

    def key_of(self, instance: models.Model | None) -> Any:
        """Return the key that the row is bound to: its own, or that of the record whose version it is."""
        tracked: type[models.Model] = getattr(self.model, "instance_type", self.model)
        return instance.__dict__.get(tracked._meta.pk.attname) if instance else None

    def from_db_value(self, value: bytes | None, expression: Any, connection: Any) -> Secret | None:
        return None if value is None else Secret.loaded(bytes(value))

    def to_python(self, value: Any) -> Secret | None:
        return Secret(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        secret = getattr(model_instance, self.attname)
        return None if secret is None else _Stored(secret.sealed_for(self.context_of(model_instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> bytes | None:
        if value is not None and not isinstance(value, _Stored):
            raise TypeError(f"{self.name} is sealed for its row: assign it and save the record, or use bulk_create")
        return None if value is None else bytes(value)

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")

    def formfield(self, *args: Any, **kwargs: Any) -> None:
        return None  # a form shows no secret; whoever takes one in declares its own field

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """Refuse a model whose key only the database knows."""
        pk = getattr(self.model, "instance_type", self.model)._meta.pk
        unknown = pk is not None and not pk.has_default() and not pk.remote_field
        hint = "Declare id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)."
        errors = [checks.Error("A sealed field needs a key before saving.", hint=hint, obj=self, id="bankops.E001")]
        return [*super().check(**kwargs), *(errors if unknown else [])]


def context(table: str, column: str, key: Any) -> str:
    """Return the place that a sealed value is bound to."""
    return f"{table}.{column}.{key}"


def as_written(text: str) -> str:
    """Return `text` without the white space around it: how a blind index reads, unless its field says otherwise."""
    return text.strip()


class BlindIndexField(_Field[_Set_contra, _Get_co]):
    """A keyed hash of a sealed field, in hex, computed on saving: equal texts can be found and be unique, and not be read.

    NULL where there is no text. `filter(…__matches="plain text")` finds what any of the configured keys wrote.

    :param of: the sealed field's name.
    :param context: what the hash is for; equal contexts give comparable hashes.
    :param normalise: what makes spellings of the same thing equal; a function at module level.
    """

    _pyi_private_set_type: str | None
    _pyi_private_get_type: str | None

    def __init__(
        self,
        *args: Any,
        of: str = "",
        context: str = "",
        normalise: Callable[[str], str] = as_written,
        **kwargs: Any,
    ) -> None:
        self.of, self.context, self.normalise = of, context, normalise
        super().__init__(*args, **{"null": True, "editable": False, **kwargs, "max_length": 64})

    def get_internal_type(self) -> str:
        return "CharField"

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length")
        normalise = {} if self.normalise is as_written else {"normalise": self.normalise}
        return name, path, args, {**kwargs, "of": self.of, "context": self.context, **normalise}

    def index_of(self, text: str) -> str:
        """Return the hash under the newest key."""
        return encryption.fingerprint(self.normalise(text), context=self.context)

    def candidates(self, text: str) -> list[str]:
        """Return the hashes under all keys."""
        return encryption.fingerprints(self.normalise(text), context=self.context)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        secret: Secret | None = getattr(model_instance, self.of)
        index = self.index_of(secret.reveal()) if secret else None
        setattr(model_instance, self.attname, index)
        return index


@BlindIndexField.register_lookup
class _Matches(In):
    """`…__matches="plain text"`: the hash of this text under any of the keys."""

    lookup_name = "matches"

    def __init__(self, lhs: Any, rhs: Any) -> None:
        super().__init__(lhs, lhs.output_field.candidates(str(rhs)))
