from staff.admin import home
from staff.admin.branches import BranchAdmin
from staff.admin.users import UserAdmin

home.install()

__all__ = ["BranchAdmin", "UserAdmin"]
