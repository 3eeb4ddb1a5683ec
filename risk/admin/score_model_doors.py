"""What is done with a score model: into shadow, into force, out of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm
from risk.models import ScoreModelVersion, ScoreState
from staff.admin.submitting import SubmittingDoor


class ModelDoor(SubmittingDoor):
    """Something that is asked for with the content that is on the page."""

    form_class = ReasonForm
    state: ClassVar[ScoreState]
    done: ClassVar[Promise]

    def offered(self, record: ScoreModelVersion) -> bool:
        return record.state == self.state

    def perform(self, request: HttpRequest, form: ReasonForm, record: ScoreModelVersion) -> Done:
        payload = {"model": record.number, "content": record.content_hash}
        return self.submit(request, form, payload, done=str(self.done))


class StartModelShadow(ModelDoor):
    name = "start_model_shadow"
    label = _("Run in shadow")
    permission = "risk.start_model_shadow"
    state = ScoreState.CANDIDATE
    done = _("It scores beside the active one.")
    icon = "contrast"

    def summary(self, record: Any) -> str | Promise:
        return _("It scores every movement beside the active model. What it says is kept, and nothing comes of it.")


class ActivateModel(ModelDoor):
    name = "activate_model"
    label = _("Activate")
    permission = "risk.activate_model"
    state = ScoreState.SHADOW
    done = _("It counts from now on.")
    icon = "check_circle"

    def summary(self, record: Any) -> str | Promise:
        return _("It begins to count when two reviewers have agreed. They see how good it is beside the active one.")


class RetireModel(SubmittingDoor):
    name = "retire_model"
    label = _("Retire")
    permission = "risk.retire_model"
    form_class = ReasonForm
    dangerous = True
    icon = "archive"

    def offered(self, record: ScoreModelVersion) -> bool:
        return record.state != ScoreState.RETIRED

    def summary(self, record: Any) -> str | Promise:
        return _("It stays as it is until two reviewers have agreed. Without an active model the rules alone score.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: ScoreModelVersion) -> Done:
        return self.submit(request, form, {"model": record.number}, done=gettext("The score model is retired."))
