"""`{% load account_numbers %}`: an account's number as people read it aloud."""

from django import template

from accounts import numbers

register = template.Library()
register.filter("in_fours", numbers.display)
