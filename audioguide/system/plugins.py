"""Classes that other packages can add to audioguide: a table by name for each kind."""

from collections.abc import Mapping
from importlib import import_module
from typing import Generic, TypeVar, cast

from audioguide.errors import EnvironmentFailure

Kind = TypeVar("Kind")


class Plugins(Generic[Kind]):
    """Classes of one kind by name: the built-in ones, those that a call registered, those of installed packages.

    A package names its own in its pyproject.toml, below the group:

        [project.entry-points."audioguide.layers"]
        wind = "its_package.wind:Wind"

    Classes are imported, and packages looked for, only when a name is asked for.
    """

    def __init__(self, group: str, built_in: Mapping[str, str]) -> None:
        self._group, self._built_in = group, built_in  # name to "module:Class"
        self._registered: dict[str, Kind] = {}

    def register(self, name: str, kind: Kind) -> None:
        """Add a class, in place of any other of that name, for as long as this process runs."""
        self._registered[name] = kind

    def find(self, name: str) -> Kind | None:
        """The class of that name, None if there is none. EnvironmentFailure where a package's does not load."""
        if name in self._registered:
            return self._registered[name]
        if name in self._built_in:
            module, _, attribute = self._built_in[name].partition(":")
            return cast(Kind, getattr(import_module(module), attribute))
        from importlib.metadata import entry_points

        for point in entry_points(group=self._group, name=name):
            try:
                return cast(Kind, point.load())
            except Exception as error:
                whose = point.dist.name if point.dist else point.value
                what = f"{name!r} of the package {whose} does not load: {error}."
                raise EnvironmentFailure(f"{what} Update that package, or uninstall it.") from error
        return None

    def names(self) -> list[str]:
        """Every name, in alphabetical order."""
        from importlib.metadata import entry_points

        return sorted({*self._built_in, *self._registered, *(point.name for point in entry_points(group=self._group))})
