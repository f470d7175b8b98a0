"""Media files: probe, read and write them, and find scenes. The only package that starts ffmpeg."""
