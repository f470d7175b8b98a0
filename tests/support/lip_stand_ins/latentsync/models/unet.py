"""Stand-in: a network that does nothing."""


class UNet3DConditionModel:
    @classmethod
    def from_pretrained(cls, model, checkpoint, device):
        return cls(), None

    def to(self, dtype):
        return self
