"""The helper service: the local program that the page and the plug-ins talk to."""
