from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, and what it may be: at most `most`, at least `least`, or anything."""

    what: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool:
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def shown(self) -> str:
        return f"{self.value:,.3g} {self.unit}".strip() if abs(self.value) < 100 else f"{self.value:,.0f} {self.unit}".strip()

    @property
    def budget_shown(self) -> str:
        bounds = [f"≤ {self.most:g}"] if self.most is not None else []
        bounds += [f"≥ {self.least:g}"] if self.least is not None else []
        return " ".join([*bounds, self.unit]) if bounds else ""
