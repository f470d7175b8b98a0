"""The helper service: one local program that plug-ins and the page talk to."""
