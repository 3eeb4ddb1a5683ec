"""Where partners' systems read what they are told of, and what became of its sending."""
