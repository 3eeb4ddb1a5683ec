from staff.admin.branches import BranchAdmin
from staff.admin.users import UserAdmin

__all__ = ["BranchAdmin", "UserAdmin"]
