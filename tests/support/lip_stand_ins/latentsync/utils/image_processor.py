"""Stand-in: the largest face of each frame; none raises."""

import numpy as np
from lip_drawings import find_rectangles


class FaceDetector:
    looks = 0

    def __init__(self, device="cuda"):
        self.device = device

    def __call__(self, frame, threshold=0.5):
        FaceDetector.looks += 1
        largest = None
        for left, top, right, bottom in find_rectangles(frame):
            wide, high = right - left, bottom - top
            if wide < 50 or high < 80 or wide / high > 1.5:
                continue
            if largest is None or wide * high > (largest[2] - largest[0]) * (largest[3] - largest[1]):
                largest = (left, top, right, bottom)
        if largest is None:
            return None, None
        left, top, right, bottom = largest
        marks = np.zeros((106, 2), int)
        marks[[43, 48, 49, 51, 50]] = (left, top)
        marks[101:106] = (right, top)
        marks[[74, 77, 83, 86]] = ((left + right) // 2, bottom)
        marks[marks.sum(axis=1) == 0] = ((left + right) // 2, (top + bottom) // 2)
        return largest, marks


class ImageProcessor:
    def __init__(self, resolution, device="cpu", mask_image=None):
        self.face_detector = FaceDetector(device=device)

    def affine_transform(self, image):
        box, marks = self.face_detector(image)
        if box is None:
            raise RuntimeError("Face not detected")
        left, right = (np.mean(marks[part], axis=0) for part in ([43, 48, 49, 51, 50], slice(101, 106)))
        nose = np.mean(marks[[74, 77, 83, 86]], axis=0)
        return np.round([left[0], left[1], right[0], nose[1]]).astype(int)
