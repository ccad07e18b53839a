"""All architectures that this process knows, by name.

    >>> list(ARCHITECTURES)[:2]
    ['mlp', 'cnn']

An architecture is one Python file that defines a constant ARCHITECTURE. Files are found in the folder `architectures`
beside this module, and wherever the environment variable DIGIT_DUEL_ARCHITECTURES says. It holds paths of files,
separated like those in PATH. Processes that train inherit it, so they know the same architectures as the app.
"""

import importlib.util
import os
import pkgutil
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from mnist_core.errors import ConfigError
from mnist_core.models import architectures
from mnist_core.models.architecture import Architecture

VARIABLE = "DIGIT_DUEL_ARCHITECTURES"
"""The environment variable that names further files."""

BASE_RECIPE = "specified"
"""The recipe that each architecture must have. Custom settings start from it."""

ARCHITECTURES: dict[str, Architecture] = {}
"""By name, in the order in which pages list them."""


def register(architecture: Architecture) -> None:
    """Make an architecture and its recipes known.

    Raises ConfigError for one that is incomplete or whose name is taken.

    Prefer a file: only this process knows what is registered here. A training that the app starts is another process.
    """
    if not isinstance(architecture, Architecture):
        raise ConfigError(f"Received {architecture!r} as an architecture; expected an instance of Architecture.")
    if not re.fullmatch("[a-z][a-z0-9]{0,19}", architecture.name):
        raise ConfigError(
            f"An architecture is named {architecture.name!r}; expected 1 to 20 of a-z and 0-9, beginning with a letter."
        )
    if architecture.name in ARCHITECTURES:
        raise ConfigError(f"There are two architectures named {architecture.name!r}. Rename one of them.")
    if BASE_RECIPE not in architecture.recipes:
        raise ConfigError(
            f"The architecture {architecture.name!r} has the recipes {list(architecture.recipes)}; expected "
            f"{BASE_RECIPE!r} among them."
        )
    ARCHITECTURES[architecture.name] = architecture


def find_architectures() -> None:
    """Register what the files define, sorted by `order`."""
    found = [_architecture_in(module) for module in (*_own_modules(), *_named_modules())]
    for architecture in sorted(found, key=lambda architecture: architecture.order):
        register(architecture)


def _architecture_in(module: ModuleType) -> Architecture:
    architecture = getattr(module, "ARCHITECTURE", None)
    if not isinstance(architecture, Architecture):
        raise ConfigError(
            f"{module.__file__} defines no architecture. Add a constant ARCHITECTURE = Architecture(...) to it."
        )
    return architecture


def _own_modules() -> Iterator[ModuleType]:
    """The modules in the folder `architectures`."""
    for found in pkgutil.iter_modules(architectures.__path__):
        yield import_module(f"{architectures.__name__}.{found.name}")


def _named_modules() -> Iterator[ModuleType]:
    """The modules in the files that the environment variable names."""
    for text in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        path = Path(text).expanduser()
        if not path.is_file():
            raise ConfigError(f"{VARIABLE} names {path}, which is no file. Correct or unset it.")
        name = f"digit_duel_architecture_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ConfigError(f"{VARIABLE} names {path}, which is no Python file. Its name must end in .py.")
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:  # whatever the file does
            raise ConfigError(
                f"{VARIABLE} names {path}, which cannot be imported ({type(error).__name__}: {error}). Correct the "
                "file or unset the variable."
            ) from error
        yield module


find_architectures()
