"""What risk says of a movement before it happens: facts completed, rules asked, and one answer from all of it."""
