"""What training and using score models refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class TooFewLabels(BankOpsError):
    code = "score_too_few_labels"
    message = _(
        "To %(part)s there are %(found)s movements that are %(kind)s; %(least)s are needed. "
        "Train again when more alerts are closed, or over a longer time."
    )


class ScoreModelNoBetter(BankOpsError):
    code = "score_model_no_better"
    message = _(
        "The model does not tell confirmed movements from others better than chance (%(figure)s). It is not kept."
    )


class ScoreModelNotFound(BankOpsError):
    code = "score_model_not_found"
    message = _("There is no score model %(number)s.")
    http_status = 404


class ScoreModelNotInState(BankOpsError):
    code = "score_model_not_in_state"
    message = _("Score model %(number)s is %(state)s: this is done with one that is %(wanted)s.")
    http_status = 409


class ScoreModelMoved(BankOpsError):
    code = "score_model_moved"
    message = _("Score model %(number)s is not the one that was asked for. Look at it again before you go on.")
    http_status = 409


class ScoreModelUnusable(BankOpsError):
    code = "score_model_unusable"
    message = _("Score model %(number)s cannot be read by this version of the product: %(problem)s. Train another one.")
    http_status = 409
