"""Writing a rule: a page that works without a script, and what the script beside it asks for."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import Person
from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.pages import AdminPage
from risk.access import sees_movement
from risk.admin.rule_forms import DraftForm, RuleForm, problems_of, told_problem
from risk.facts import Facts
from risk.language.completion import complete
from risk.language.errors import RuleError
from risk.language.functions import FUNCTIONS, help_of
from risk.language.rule import compile_rule
from risk.language.schema import WINDOWS
from risk.models import Rule, RuleVersion, VersionState
from risk.rules.vocabulary import vocabulary
from risk.selectors import stored_facts
from risk.services import rules
from staff.actors import actor_of

_SHOWN = 50  # suggestions; who needs more types another letter
_POSITION_DIGITS = 6
_READ = 4_000  # characters: a rule that is longer is too long anyway, and is told so


class WritingDoor(Door):
    """A page with the editor. The button that tries sends the whole form and saves nothing."""

    permission = "risk.draft_rule"
    form_class = DraftForm
    template = "risk/rule_editor.html"

    def respond(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        if request.method == "POST" and "try" in request.POST:
            return self._page(request, self.form_class(request.POST, record=record), record)
        return super().respond(request, record)

    def render(self, request: HttpRequest, record: Any, context: dict[str, Any], **how: Any) -> HttpResponse:
        form: DraftForm = context["form"]
        tried = tried_on(form, request.user) if "try" in request.POST else {}
        assist = Assist(self.admin).url()
        language = {
            "facts": [fact for fact in vocabulary() if not fact.retired],
            "functions": functions(),
            "windows": list(WINDOWS),
        }
        return super().render(request, record, {**context, **language, "tried": tried, "assist": assist}, **how)


class NewRule(WritingDoor):
    name = "new_rule"
    label = _("New rule")
    form_class: ClassVar[type[DraftForm]] = RuleForm
    on_list = True
    icon = "add"
    verb = _("Save draft")

    def summary(self, record: Any) -> str | Promise:
        return _("A draft counts for nothing. When it is written, try it over past movements, and ask for it to count.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"outcome": "REVIEW", "weight": 200}

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        version = rules.create_rule(about=form.about(), draft=form.draft(), actor=actor_of(request), now=clock.now())
        return Done(gettext("The draft is saved."), version.rule)


class NewVersion(WritingDoor):
    name = "new_version"
    label = _("New version")
    icon = "edit"
    verb = _("Save draft")

    def offered(self, record: Rule) -> bool:
        return _draft_of(record) is None

    def summary(self, record: Any) -> str | Promise:
        return _("The version that counts goes on counting until two reviewers have agreed to the new one.")

    def initial(self, request: HttpRequest, record: Rule) -> dict[str, Any]:
        latest = record.versions.order_by("-number").first()
        return _said(latest) | {"note": ""} if latest else {}

    def perform(self, request: HttpRequest, form: DraftForm, record: Rule) -> Done:
        rules.draft_version(rule_id=record.pk, draft=form.draft(), actor=actor_of(request), now=clock.now())
        return Done(gettext("The draft is saved."))


class EditDraft(WritingDoor):
    name = "edit_draft"
    label = _("Edit draft")
    icon = "edit"
    verb = _("Save draft")

    def offered(self, record: Rule) -> bool:
        return _draft_of(record) is not None

    def summary(self, record: Any) -> str | Promise:
        return _("Nothing counts of it until two reviewers have agreed.")

    def initial(self, request: HttpRequest, record: Rule) -> dict[str, Any]:
        draft = _draft_of(record)
        return _said(draft) | {"edition": draft.edition} if draft else {}

    def perform(self, request: HttpRequest, form: DraftForm, record: Rule) -> Done:
        draft = _draft_of(record) or record.versions.order_by("-number").first()
        rules.edit_draft(
            version_id=draft.pk if draft else record.pk,
            edition=form.cleaned_data["edition"] or 0,
            draft=form.draft(),
            actor=actor_of(request),
            now=clock.now(),
        )
        return Done(gettext("The draft is saved."))


class Assist(AdminPage):
    """What the editor's script asks for: what is wrong, what it says in words, and what may stand at the cursor."""

    name = "assist"
    label = _("Help with writing")
    permission = "risk.draft_rule"
    on_list = True

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        return False

    def respond(self, request: HttpRequest, record: Any) -> HttpResponseBase:
        """Answer a POST of `condition`, and `position` where completion is wanted."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        condition = request.POST.get("condition", "").replace("\r\n", "\n")[:_READ]
        problems = [told_problem(condition, problem) for problem in problems_of(condition)]
        return JsonResponse(
            {
                "problems": problems,
                "words": "" if problems else compile_rule(condition, vocabulary()).describe(),
                "suggestions": _suggestions(condition, request.POST.get("position", "")),
            },
            status=HTTPStatus.OK,
        )


def _suggestions(condition: str, position: str) -> list[dict[str, Any]]:
    if not (position.isascii() and position.isdecimal() and len(position) <= _POSITION_DIGITS):
        return []
    found = complete(condition, int(position), vocabulary())[:_SHOWN]
    return [
        {"text": one.text, "kind": one.kind, "description": one.description, "from": one.replaces_from} for one in found
    ]


def tried_on(form: DraftForm, person: Person) -> dict[str, Any]:
    """Return what a condition comes to over a past movement, for the page; or why that cannot be told.

    To whoever may not see the movement it is not there.
    """
    wanted = form.data.get("movement", "").strip()
    stored = stored_facts.one(wanted) if wanted else None
    facts = Facts.from_json(stored.facts) if stored else None
    if facts is None or not sees_movement(person, facts):
        return {"problem": gettext("Nothing is kept of such a movement. Give the reference of one that was assessed.")}
    try:
        rule = compile_rule(form.data.get("condition", ""), vocabulary())
        return {"movement": stored, "explanation": rule.explain(facts)}
    except (RuleError, ValueError) as error:
        return {"problem": str(error)}


def functions() -> list[dict[str, str]]:
    """Return the functions with their help."""
    return [{"signature": one.signature, "help": help_of(name)} for name, one in FUNCTIONS.items()]


def _draft_of(rule: Rule) -> RuleVersion | None:
    return rule.versions.filter(state=VersionState.DRAFT).first()


def _said(version: RuleVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in rules.CONTENT}
