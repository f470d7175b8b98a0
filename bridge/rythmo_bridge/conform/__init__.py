"""Updates a project to match a timeline that was edited: what changed, and what follows from it."""
