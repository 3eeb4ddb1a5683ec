"""Validation of what other authorities hand out: numbers, codes, phones, countries. Pure: no database, no clock.

Every function takes text as somebody typed it and returns it as the bank stores it, or raises one of `errors`, which names
the position at fault, so that the clerk compares that place with the document instead of the whole of it.
"""
