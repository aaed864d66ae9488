"""What a class of values is, where very many are made."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: type[_Class]) -> type[_Class]:
    """A class decorator: a dataclass whose instances nobody changes, compared and hashed by what they hold.

    The type checker holds to that, and not the instances themselves: a frozen dataclass takes three times as long to
    make, and a letter is made of seventy fields of such values.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
