"""The errors that a user can do something about. They form one small tree.

    DigitDuelError              everything that a page or the command line shows as a message
    ├── DrawingError            strokes that do not describe a drawing
    ├── PictureError            a file or array that is not a usable picture
    ├── DatasetError            a data set that is missing, damaged or unreachable
    ├── RunError                a trained run that is missing, damaged or badly named
    ├── DatabaseError           a database that cannot be reached, read or written
    │   └── ReadOnlyError       a database that this user may only read


    ├── ClusterError            a cluster that is not there, or not any more
    ├── ReportError             a report that cannot be written
    ├── AccessError             something that this person may not do on this server
    └── ConfigError             training settings that make no sense

Every message says what was received, what was expected, and what to do. Pages and the command line catch
`DigitDuelError` and nothing wider: every other exception is a defect and must be visible.
"""


class DigitDuelError(Exception):
    """The base of all errors that a user can do something about."""


class DrawingError(DigitDuelError):
    """Strokes or canvas data that do not describe a drawing."""


class PictureError(DigitDuelError):
    """A file or array that is not a usable picture of a digit."""


class DatasetError(DigitDuelError):
    """A data set that is missing, damaged or unreachable, or labels that do not fit."""


class RunError(DigitDuelError):
    """A trained run that is missing, incomplete, damaged or badly named."""


class DatabaseError(DigitDuelError):
    """A database that cannot be reached, read or written, or that a newer version of the program has changed."""


class ReadOnlyError(DatabaseError):
    """A change to a database that this user may only read."""


class ClusterError(DigitDuelError):
    """A cluster that cannot be reached or used, or that was lost while it was used."""


class ReportError(DigitDuelError):
    """A report that cannot be written where it was asked for."""


class ConfigError(DigitDuelError):
    """A training setting outside of its range."""


class AccessError(DigitDuelError):
    """Something that this person may not do on this server, or not now."""
