"""`{% load bank %}`: amounts, moments and titles in templates, as `bankops.core.admin.display` writes them."""

from django import template

from bankops.core.admin import display

register = template.Library()
register.filter("amount", display.amount)
register.filter("moment", display.moment)
register.filter("title_of", display.title)
