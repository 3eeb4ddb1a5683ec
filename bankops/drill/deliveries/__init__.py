"""The delivery drill: many events to many endpoints, a third of which fail, while those who send are killed."""
