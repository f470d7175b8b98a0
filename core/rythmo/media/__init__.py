"""Media files: probing, reading, writing, scenes. The only place that starts ffmpeg."""
