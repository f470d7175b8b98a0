"""Send a dub to Pro Tools over its scripting protocol PTSL (gRPC on loopback), and read back what stands."""
