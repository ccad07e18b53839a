"""Roles, what each may do, and the check before anything is done.

>>> check(Person(Role.OWNER, "owner key"), Action.DELETE)
>>> check(VISITOR, Action.DELETE)
Traceback (most recent call last):
mnist_core.errors.AccessError: This server is public. Its owner can delete models; visitors draw, explore and compare.
"""

from dataclasses import dataclass
from enum import StrEnum

from mnist_core.errors import AccessError


class Role(StrEnum):
    """What somebody is on a server."""

    VISITOR = "visitor"
    TRAINER = "trainer"
    OWNER = "owner"


class Action(StrEnum):
    """What changes something for others, takes the machine's time, or tells of others. The value is the log's word."""

    TRAIN = "start"
    ESTIMATE = "estimate"
    STOP = "stop"
    DISMISS = "dismiss"
    PROMOTE = "promote"
    RENAME = "rename"
    DELETE = "delete"
    MEASURE = "measure"
    DOWNLOAD_DATA = "download"
    SEE_AUDIT = "see audit"


IN_WORDS = {
    Action.TRAIN: "train models here",
    Action.ESTIMATE: "have the duration of a training measured here",
    Action.STOP: "stop trainings",
    Action.DISMISS: "dismiss trainings from the list",
    Action.PROMOTE: "choose the default models",
    Action.RENAME: "rename models",
    Action.DELETE: "delete models",
    Action.MEASURE: "have models measured on this machine",
    Action.DOWNLOAD_DATA: "download data sets to this server",
    Action.SEE_AUDIT: "see what was done on this server",
}
"""Each action after "Its owner can"."""

OF_A_TRAINER = {Action.TRAIN, Action.ESTIMATE, Action.MEASURE}
OF_A_TRAINER_WITH_OWN = {Action.STOP, Action.DISMISS, Action.RENAME, Action.DELETE}
"""What a trainer may do with the trainings and runs that the same trainer started."""


@dataclass(frozen=True)
class Person:
    """Somebody who asks for something.

    name: an e-mail address, or the kind of key: "owner key", "trainer key". It is empty for visitors and on an open
    server.
    """

    role: Role
    name: str = ""

    @property
    def identity(self) -> str:
        """What tells this person from others, such as "trainer anna@example.org". Empty without a name."""
        return f"{self.role} {self.name}" if self.name else ""

    @property
    def in_words(self) -> str:
        """The role, and the e-mail address of who has signed in with one.

        >>> Person(Role.OWNER, "owner key").in_words, Person(Role.TRAINER, "anna@example.org").in_words
        ('owner', 'trainer, anna@example.org')
        """
        return f"{self.role}, {self.name}" if "@" in self.name else str(self.role)


VISITOR = Person(Role.VISITOR)
EVERYBODY = Person(Role.OWNER)
"""Anybody on an open server."""

SERVER = Person(Role.OWNER, "the server")
"""Who does what nobody asked for, such as removing runs whose time is up."""


def may(person: Person, action: Action, *, started_by: str = "") -> bool:
    """Whether somebody may do something. started_by: the identity of who started the training or run in question."""
    if person.role is Role.OWNER:
        return True
    if person.role is not Role.TRAINER:
        return False
    is_own = bool(person.identity) and started_by == person.identity
    return action in OF_A_TRAINER or (action in OF_A_TRAINER_WITH_OWN and is_own)


def check(person: Person, action: Action, *, started_by: str = "") -> None:
    """Raise AccessError, which says who can, unless somebody may do something. started_by: as in `may`."""
    if may(person, action, started_by=started_by):
        return
    doing = IN_WORDS[action]
    if person.role is Role.TRAINER and action in OF_A_TRAINER_WITH_OWN:
        raise AccessError(f"Trainers can {doing} that they started. This one was started by somebody else.")
    if person.role is Role.TRAINER:
        raise AccessError(f"Only the owner of this server can {doing}.")
    raise AccessError(f"This server is public. Its owner can {doing}; visitors draw, explore and compare.")
