"""Translators' work: tables that go out to them, and tables and subtitles that come back."""
