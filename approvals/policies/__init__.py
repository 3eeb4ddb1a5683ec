"""The policy language: what a bank writes to say who has to agree to what. Pure: no database, no clock, no request."""
