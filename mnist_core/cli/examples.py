"""Descriptions and examples for the help of a command."""

from argparse import ArgumentParser
from textwrap import fill

WIDTH = 80


def describe(parser: ArgumentParser, *paragraphs: str, examples: dict[str, str]) -> None:
    """Give a command's help a description and examples.

    paragraphs: of the description, wrapped here. examples: the command lines without the program's name, each with what
    it does.
    """
    program = parser.prog.split()[0]
    parser.description = "\n\n".join(fill(paragraph, WIDTH) for paragraph in paragraphs)
    parser.epilog = "examples:\n" + "\n".join(
        f"  {program} {command}\n      {meaning}" for command, meaning in examples.items()
    )
