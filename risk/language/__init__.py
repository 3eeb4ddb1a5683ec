"""The language that rules are written in: checked when saved, compiled once, explained in words (docs/rule-language.md)."""
