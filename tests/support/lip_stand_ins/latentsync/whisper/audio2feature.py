"""Stand-in: what each frame hears is how loud the sound is around it, at 50 values a second."""

from lip_drawings import loudness


class Audio2Feature:
    def __init__(self, model_path, device, num_frames, audio_feat_length):
        self.reach = audio_feat_length

    def audio2feat(self, path):
        return loudness(path)

    def feature2chunks(self, feature_array, fps):
        chunks, number = [], 0
        while True:
            at = int(number * 50 / fps)
            near = range(at - 2 * self.reach[0], at + 2 * (self.reach[1] + 1))
            last = len(feature_array) - 1
            chunks.append(sum(feature_array[min(last, max(0, one))] for one in near) / len(near))
            number += 1
            if at > len(feature_array):
                return chunks
