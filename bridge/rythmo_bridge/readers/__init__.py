"""Reads timelines of other programs into `Delivery`, one module a format."""
