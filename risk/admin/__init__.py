from risk.admin import backtests, case_behind, customer_screening, rules, snoozes
from risk.admin.alerts import AlertAdmin
from risk.admin.cases import CaseAdmin
from risk.admin.day_reports import RiskDayReportAdmin
from risk.admin.hits import ScreeningHitAdmin
from risk.admin.list_editions import ListEditionAdmin
from risk.admin.members import OwnListMemberAdmin
from risk.admin.patterns import PatternAdmin
from risk.admin.rescreenings import RescreenRunAdmin
from risk.admin.score_models import ScoreModelAdmin
from risk.admin.watch_lists import WatchListAdmin

case_behind.install()
customer_screening.install()

__all__ = [
    "AlertAdmin",
    "CaseAdmin",
    "ListEditionAdmin",
    "OwnListMemberAdmin",
    "PatternAdmin",
    "RescreenRunAdmin",
    "RiskDayReportAdmin",
    "ScoreModelAdmin",
    "ScreeningHitAdmin",
    "WatchListAdmin",
    "backtests",
    "rules",
    "snoozes",
]
