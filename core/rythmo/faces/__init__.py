"""Who is on screen: faces in frames, tracks in shots, people over cuts, and who of them speaks. Pure."""
