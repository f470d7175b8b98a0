"""MediaPipe's face detector and face mesh, run by LiteRT, and a face recognition network in numpy."""
