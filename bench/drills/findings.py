"""What a drill has found: one promise of the site, and whether it was kept."""

from dataclasses import dataclass, field


@dataclass
class Finding:
    """`figure` is what was measured; each of `problems` is a line on what broke the promise."""

    promise: str
    figure: str
    problems: list[str] = field(default_factory=list)
    is_left_out: bool = False  # for what this machine lacks

    @property
    def is_kept(self):
        return not self.problems

    @classmethod
    def left_out(cls, promise, reason):
        return cls(promise, f"left out: {reason}", is_left_out=True)


def percentile(values, part):
    """The value below which `part` (0 to 1) of `values` are."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]
