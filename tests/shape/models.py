"""The code bases that ours is measured against, with their figures at one commit each, counted as ours are.

Test code, generated and vendored code and migrations left out. The last two are what a code base that grew without a
shape looks like.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Row(NamedTuple):
    """One code base in the table."""

    name: str
    modules: str
    lines: str
    module_size: str
    """Lines a module: median, 90th percentile, largest."""
    function_size: str
    """Lines a function: median, 95th percentile."""
    annotated: str
    """Functions of which every argument and the result have a type."""
    blind: str
    """`except Exception` that neither raises again nor logs the traceback."""
    complex: str
    """Functions with a complexity above 10."""
    globals: str
    tests: str
    """Lines of test code a line of code."""


HEAD: Final = Row(
    "code base", "modules", "lines", "a module (median/p90/max)", "a function (median/p95)", "typed", "blind except",
    "complexity > 10", "global", "tests",
)  # fmt: skip

MODELS: Final = (
    Row("jodal/biip 701f78e", "17", "3,955", "239/449/480", "13/59", "100%", "0", "2", "0", "1.1"),
    Row("mopidy/mopidy b087556", "80", "11,839", "99/380/755", "9/40", "100%", "6", "4", "0", "1.0"),
    Row("labgrid-project/labgrid ebe3535", "180", "24,254", "55/292/2,421", "7/36", "1%", "14", "37", "4", "0.3"),
    Row("Bogdanp/dramatiq 848b35f", "55", "7,971", "83/370/708", "7/38", "42%", "0", "3", "4", "0.8"),
    Row("cosmicpython/code 14c8479", "15", "736", "41/90/120", "4/13", "16%", "0", "0", "0", "1.0"),
    Row("python-hyper/h11 62c5068", "11", "2,568", "153/369/659", "7/49", "100%", "0", "3", "0", "1.1"),
    Row("empicano/aiomqtt 4c362b3", "3", "1,178", "55/–/1,076", "15/85", "100%", "0", "1", "0", "0.9"),
    Row("simonw/sqlite-utils 56dd097", "10", "11,248", "130/–/5,547", "13/96", "65%", "2", "25", "1", "1.5"),
    Row("simonw/datasette 481df7f", "74", "29,181", "164/978/3,314", "9/90", "13%", "31", "61", "4", "1.4"),
    Row("pyeventsourcing/eventsourcing dc9b7e4", "79", "12,285", "56/263/1,618", "6/39", "99%", "6", "11", "0", "0.9"),
    Row("python-kasa/python-kasa a29d061", "158", "24,230", "93/385/991", "6/42", "93%", "23", "15", "0", "0.8"),
    Row("thingsboard-gateway 7cd4bea", "208", "34,303", "75/429/2,389", "7/51", "4%", "371", "91", "8", "0.3"),
    Row("OctoPrint 744c835", "178", "83,784", "172/1,509/7,251", "9/65", "8%", "117", "173", "81", "0.2"),
)
