"""Statements: what one says (`content`), and the forms it is written in (`forms`). docs/statements.md."""
