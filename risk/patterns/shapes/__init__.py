"""One module for each kind of shape. Each is asked about the day's new transfers and yields findings."""
