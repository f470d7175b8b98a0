"""Signed statements about what was made by a machine: claims, certificates, signing and reading (C2PA)."""
