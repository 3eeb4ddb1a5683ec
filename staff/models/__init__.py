from staff.models.branch import Branch
from staff.models.device import OneTimeCodeDevice, RecoveryCode
from staff.models.user import User

__all__ = ["Branch", "OneTimeCodeDevice", "RecoveryCode", "User"]
