"""What risk knows, read only."""
