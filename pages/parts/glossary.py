"""The field's words in a sentence each, for the places where a visitor meets them first."""

from mnist_core.models.registry import ARCHITECTURES

NETWORKS = {each.title: each.explanation for each in ARCHITECTURES.values() if each.explanation}
"""The kinds of networks, each with what it does."""

SENTENCES = {
    **NETWORKS,
    "specified": "Trained on MNIST's digits as they are, for a few epochs.",
    "robust": "Trained on turned, bent, moved and rewritten digits as well: other handwriting surprises it less, "
    "fog and bright paper more.",
    "preprocessing": "Crops a drawing, brings it to one size and centres it at 28 × 28 pixels, as MNIST's digits were.",
    "epoch": "One pass through all training digits.",
    "loss": "How little probability the correct digit gets, averaged over the digits. Lower is better.",
}
"""What each word means, one plain sentence or two."""


def meanings(*words: str) -> list[tuple[str, str]]:
    """These words, each with its meaning. Raises KeyError for a word that is not explained here."""
    return [(word, SENTENCES[word]) for word in words]


def as_help(*words: str) -> str:
    """The meanings of these words as Markdown for the `help` of a widget, a paragraph each. Raises KeyError."""
    return "\n\n".join(f"**{word}**: {sentence}" for word, sentence in meanings(*words))
