"""What can go wrong, as one small tree.

    DigitDuelError              everything that a page or the command line shows as a message
    ├── DrawingError            strokes that no canvas draws
    ├── PictureError            a file that is no usable picture
    ├── DatasetError            a data set that is missing, damaged or unreachable
    ├── RunError                a trained run that is missing, damaged or badly named
    ├── ReportError             a report that cannot be written
    └── ConfigError             training settings that make no sense

Every message says what was received, what was expected, and what to do.
Pages and the command line catch `DigitDuelError` and nothing wider: whatever else is raised is a defect and must be seen.
"""


class DigitDuelError(Exception):
    """Base of all errors that a user can do something about."""


class DrawingError(DigitDuelError):
    """Strokes or canvas data that do not describe a drawing."""


class PictureError(DigitDuelError):
    """A file or array that is not a usable picture of a digit."""


class DatasetError(DigitDuelError):
    """A data set that is missing, damaged or out of reach."""


class RunError(DigitDuelError):
    """A trained run that is missing, incomplete, damaged or badly named."""


class ReportError(DigitDuelError):
    """A report that cannot be written where it was asked for."""


class ConfigError(DigitDuelError):
    """A training setting out of its range."""
