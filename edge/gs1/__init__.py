"""GS1's numbers and data, at the border: biip's tables, and what biip leaves out."""

from edge.gs1.reading import Gs1

__all__ = ["Gs1"]
