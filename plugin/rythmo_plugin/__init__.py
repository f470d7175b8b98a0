"""The helper service, its page, the host scripts and the installer."""
