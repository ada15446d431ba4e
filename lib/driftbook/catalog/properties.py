"""The shape of a kind of object: its key and what is known and compared of it."""

from __future__ import annotations

from dataclasses import dataclass

from driftbook.model import PropertyClass

SECURITY, DATA = PropertyClass.SECURITY, PropertyClass.DATA
BEHAVIOUR, PERFORMANCE = PropertyClass.BEHAVIOUR, PropertyClass.PERFORMANCE
COSMETIC, INFO = PropertyClass.COSMETIC, PropertyClass.INFO
# The keys that most kinds have.
NAME, NAMED, ON_TABLE = ("name",), ("schema", "name"), ("schema", "table", "name")
TEXT, FLAG, NUMBER = "str", "boolean", "Int64"  # all of them can be missing: SQL's NULL


@dataclass(frozen=True, slots=True)
class Property:
    """One fact about an object.

    Attributes:
        name: Column of the kind's frame.
        dtype: Its pandas dtype: ``str``, ``boolean`` or ``Int64``.
        cls: What a difference means; rules turn it into a severity.
        compared: Whether a difference is a change; what repeats another property is not.
        since: The oldest server that has it, as it counts; compared only between such.
    """

    name: str
    dtype: str
    cls: PropertyClass
    compared: bool = True
    since: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object: one frame of a snapshot.

    Attributes:
        name: ``table``, as in ``sql/table.sql``.
        key: Columns that name an object; always text, empty where a part does not apply.
        properties: The other columns, in their order.
        parent: Kind of the object that this one lies in, if there is one.
        cls: What it means when the whole object is missing or too many.
        optional: Compared only when somebody asks for it: it is of the cluster, not of the
            database, and no part of its root hash.
        packed: Columns that its query gives as JSON lists, all of one length: a row stands for
            as many objects as they have elements.
    """

    name: str
    key: tuple[str, ...]
    properties: tuple[Property, ...]
    parent: str | None = None
    cls: PropertyClass = PropertyClass.DATA
    optional: bool = False
    packed: tuple[str, ...] = ()

    @property
    def dtypes(self) -> dict[str, str]:
        """Return column → dtype of the frame, in its order."""
        properties = {entry.name: entry.dtype for entry in self.properties}
        return dict.fromkeys(self.key, TEXT) | properties

    @property
    def compared(self) -> tuple[str, ...]:
        """Return the names of the compared properties, in their order."""
        return tuple(entry.name for entry in self.properties if entry.compared)


def text(
    cls: PropertyClass, names: str, *, compared: bool = True, since: int = 0
) -> tuple[Property, ...]:
    """Return properties that are text, from their names with spaces between."""
    return _build(names, TEXT, cls, compared=compared, since=since)


def flag(
    cls: PropertyClass, names: str, *, compared: bool = True, since: int = 0
) -> tuple[Property, ...]:
    """Return properties that are true or false."""
    return _build(names, FLAG, cls, compared=compared, since=since)


def number(cls: PropertyClass, names: str, *, compared: bool = True) -> tuple[Property, ...]:
    """Return properties that are whole numbers."""
    return _build(names, NUMBER, cls, compared=compared)


def _build(
    names: str, dtype: str, cls: PropertyClass, *, compared: bool, since: int = 0
) -> tuple[Property, ...]:
    return tuple(Property(name, dtype, cls, compared, since) for name in names.split())
