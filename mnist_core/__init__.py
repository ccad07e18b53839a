"""Digits, two networks that read them, and how they compare. Read the modules in this order; each needs only such as stand before it:

errors                                                  what can go wrong
digits datasets strokes pictures downloads              ink becomes a digit; labelled digits
architectures recipes augmentation                      the networks, and how they may be trained
metrics processes classifier runs costs comparison      a run, what it costs, and how it reads
calibration doubt                                       probabilities that mean what they say
styles curves variation marks handwriting               handwriting that MNIST lacks
stopping lessons batches judging pace callbacks saving training
                                                        a config becomes a run
launching jobs speed estimates                          trainings that were asked for
predictions confusion coverage suspects significance    what runs read on the test digits
measurements standings learning                         runs side by side
traits statistics gallery neighbours                    MNIST as a whole
looks labels charts confusion_charts dataset_charts figures markup report narration
                                                        all that in pictures and words
console cli_training cli                                the command line

Nothing in this package imports Streamlit; only what runs in the training process imports Keras.
"""

__version__ = "0.1.0"
