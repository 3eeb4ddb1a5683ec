"""Many transfers in one request: what is asked for, who may ask for it, and what it would come to."""
