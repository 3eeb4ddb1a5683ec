"""Reports to the authority, and registers: what they hold and how they look on paper. Nothing here writes a table."""
