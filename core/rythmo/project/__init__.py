"""Keeps a project's folder: content-addressed artefacts, ledgers, running totals."""
