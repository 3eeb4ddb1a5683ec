"""The lists that customers and movements are compared with. Written by `risk.services.lists`; docs/lists.md explains."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids


class ListKind(models.TextChoices):
    """What being on a list means."""

    SANCTIONS = "SANCTIONS", _("sanctions")
    PEP = "PEP", _("politically exposed persons")
    REGION = "REGION", _("countries")
    OWN = "OWN", _("the bank's own")


class Colour(models.TextChoices):
    """What an own list is for. White never outweighs a sanctions list: screening does not look at own lists."""

    BLACK = "BLACK", _("black: no business")
    GREY = "GREY", _("grey: to be looked at")
    WHITE = "WHITE", _("white: known to be in order")


class ListFormat(models.TextChoices):
    """How a list is published."""

    OFAC_CSV = "OFAC_CSV", _("OFAC, CSV files")
    UN_XML = "UN_XML", _("United Nations, XML")
    PARTIES_CSV = "PARTIES_CSV", _("people and organisations, CSV of this bank")
    REGIONS_CSV = "REGIONS_CSV", _("countries, CSV of this bank")


class WatchList(models.Model):
    """A list: one that somebody publishes, taken on edition by edition, or one of the bank's own.

    Attributes:
        key: the name that rules and commands use: `ofac_sdn`, `regions.sanctioned`, `own.black`.
        colour, format: of an own list the first, of any other the second.
        max_age_days: how many days after it was last confirmed it is too old to be relied on.
        most_lost_percent: an edition that lost a larger share of the entries is not taken on unseen.
        edition: number of the edition that counts; null while there is none.
        confirmed_at: when its publisher's file was last seen to be the edition that counts.
        overdue_since: when it was told that the list is missing or too old; null while it is in order.

    """

    ID_PREFIX = "lst"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    key = models.CharField(_("key"), max_length=60)
    kind = models.CharField(_("kind"), max_length=9, choices=ListKind)
    colour = models.CharField(_("colour"), max_length=5, choices=Colour, blank=True)
    format = models.CharField(_("format"), max_length=11, choices=ListFormat, blank=True)
    label = models.CharField(_("name"), max_length=100)

    max_age_days = models.PositiveSmallIntegerField(_("too old after, in days"), default=7)
    most_lost_percent = models.PositiveSmallIntegerField(_("most entries lost, in per cent"), default=10)

    edition = models.PositiveIntegerField(_("edition"), null=True)
    confirmed_at = models.DateTimeField(_("last confirmed"), null=True)
    overdue_since = models.DateTimeField(_("overdue since"), null=True)

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        default_permissions = ("view",)
        permissions = [
            ("accept_list_edition", _("Can have a refused edition of a list taken on")),
            ("add_to_list", _("Can have somebody put on a list of the bank's own")),
            ("remove_from_list", _("Can have somebody taken off a list of the bank's own")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="list_key_once"),
            models.CheckConstraint(
                condition=models.Q(key__regex=r"^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$"), name="list_key_is_a_name"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=ListKind.values), name="list_kind_known"),
            # An own list has a colour, any other one a format.
            models.CheckConstraint(
                condition=models.Q(kind=ListKind.OWN, colour__in=Colour.values, format="", edition=None)
                | (~models.Q(kind=ListKind.OWN) & models.Q(colour="", format__in=ListFormat.values)),
                name="list_colour_or_format",
            ),
            models.CheckConstraint(
                condition=models.Q(max_age_days__gte=1, max_age_days__lte=400), name="list_max_age_sane"
            ),
            models.CheckConstraint(condition=models.Q(most_lost_percent__lte=100), name="list_most_lost_sane"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def public_id(self) -> str:
        """The id it has in the audit trail: `lst_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class EditionState(models.TextChoices):
    """Where an edition stands."""

    CURRENT = "CURRENT", _("in use")
    REFUSED = "REFUSED", _("not taken on")
    REPLACED = "REPLACED", _("replaced by a later one")


class ListEdition(models.Model):
    """A list as it came once. What it holds are the entries that were valid then (`ListEntry.of_edition`).

    Attributes:
        sha256: of the files it came in: what comes twice is one edition.
        published_on: the day that the list itself names, where it does.
        added, changed, removed: how many entries differ from the edition before it.
        refused_because: code of the error for which it was not taken on; empty otherwise. It stays when two people accept it.

    """

    ID_PREFIX = "led"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    watch_list = models.ForeignKey(WatchList, models.PROTECT, related_name="editions", verbose_name=_("list"))
    number = models.PositiveIntegerField(_("edition"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    published_on = models.DateField(_("published on"), null=True)

    state = models.CharField(_("state"), max_length=8, choices=EditionState)
    refused_because = models.CharField(_("why it was not taken on"), max_length=60, blank=True)
    entries = models.PositiveIntegerField(_("entries"))
    added = models.PositiveIntegerField(_("added"))
    changed = models.PositiveIntegerField(_("changed"))
    removed = models.PositiveIntegerField(_("removed"))

    loaded_at = models.DateTimeField(_("loaded at"))
    loaded_by = models.CharField(_("loaded by"), max_length=100)
    approval_request_id = models.UUIDField(_("approval request"), null=True, editable=False)

    class Meta:
        verbose_name = _("edition of a list")
        verbose_name_plural = _("editions of lists")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["watch_list", "number"], name="edition_number_once"),
            models.UniqueConstraint(
                fields=["watch_list"], condition=models.Q(state=EditionState.CURRENT), name="edition_current_once"
            ),
            models.CheckConstraint(condition=models.Q(state__in=EditionState.values), name="edition_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=EditionState.REFUSED) | ~models.Q(refused_because=""),
                name="edition_refusal_says_why",
            ),
        ]
        indexes = [
            # Whether a file came before.
            models.Index(fields=["watch_list", "sha256"], name="edition_by_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def public_id(self) -> str:
        """The id that people see: `led_…`."""
        return ids.encode(self.ID_PREFIX, self.id)


class RefusedContent(models.Model):
    """What an edition holds that was not taken on, until somebody accepts it (`risk.services.list_editions`).

    Attributes:
        content: its entries as compressed JSON (`risk.lists.packing`).

    """

    edition = models.OneToOneField(ListEdition, models.PROTECT, primary_key=True, related_name="refused_content")
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("content of a refused edition")
        verbose_name_plural = _("content of refused editions")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.edition_id)


class ListEntryQuerySet(models.QuerySet["ListEntry"]):
    def in_force(self) -> ListEntryQuerySet:
        """Keep the entries of the editions that count."""
        return self.filter(until=None)

    def of_edition(self, number: int) -> ListEntryQuerySet:
        """Keep what an edition held. Of one list, and of an edition that was taken on."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=number), since__lte=number)


class ListEntry(models.Model):
    """A listed party, or country, as it stands in a row of editions. Only the end of its row is ever written.

    Attributes:
        key: who it is, the same in every edition: `ofac:36`, `un:CDi.001`.
        since, until: number of the edition that brought it, and of the one that changed it or had it no more.
        names: `[[text, strength], …]`, the primary name first.
        birth_dates: `[[first, last, circa], …]`, ISO dates.
        matter: fingerprint of whatever decides whom it meets (`risk.lists.packing.matter_of`).

    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    watch_list = models.ForeignKey(
        WatchList, models.PROTECT, related_name="entries", verbose_name=_("list"), db_index=False
    )
    key = models.CharField(_("key"), max_length=100)
    since = models.PositiveIntegerField(_("since edition"))
    until = models.PositiveIntegerField(_("until edition"), null=True)

    kind = models.CharField(_("kind"), max_length=10)
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    names = models.JSONField(_("names"))
    birth_dates = models.JSONField(_("dates of birth"), default=list)
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"), default=list)
    programmes = ArrayField(models.CharField(max_length=200), verbose_name=_("programmes"), default=list)
    content = models.CharField(_("fingerprint of all"), max_length=64)
    matter = models.CharField(_("fingerprint of what matters"), max_length=64)

    objects = ListEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a list")
        verbose_name_plural = _("entries of lists")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["watch_list", "key"], condition=models.Q(until=None), name="entry_in_force_once"
            ),
            models.UniqueConstraint(fields=["watch_list", "key", "since"], name="entry_since_once"),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gt=models.F("since")), name="entry_ends_after_start"
            ),
        ]
        indexes = [
            # What an edition added or changed, and what it removed.
            models.Index(fields=["watch_list", "since"], name="entry_by_start"),
            models.Index(fields=["watch_list", "until"], name="entry_by_end", condition=models.Q(until__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.primary

    @property
    def primary(self) -> str:
        """The name it is listed under."""
        return str(self.names[0][0]) if self.names else self.key


class ListsVersion(models.Model):
    """One row, number 1, that triggers move: so a process knows with one read whether what it remembers still holds.

    Attributes:
        entries: raised when an edition is taken on.
        members: raised when a list of the bank's own changes, too.

    """

    id = models.SmallIntegerField(primary_key=True)
    entries = models.BigIntegerField(_("entries"))
    members = models.BigIntegerField(_("members"))

    class Meta:
        verbose_name = _("version of the lists")
        verbose_name_plural = _("version of the lists")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.entries}.{self.members}"
