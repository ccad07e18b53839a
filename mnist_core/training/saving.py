"""The files of a run: two files with the network, JSON files, and logs for TensorBoard."""

import json
import shutil
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from mnist_core.training.backend import keras, tf


def save_model(model: keras.Model, folder: Path, *, keras_model: bool = True) -> None:
    """Write model.keras and model.tflite, which hold the same weights. keras_model: whether to write the first, too.

    model: its weights must have been rounded to float16. This halves the size of both files, and Keras and LiteRT give
    the same probabilities, because neither file holds a more exact weight than the other. The model was never compiled,
    so no optimizer state is saved.
    """
    if keras_model:
        model.save(folder / "model.keras")
    with ThreadPoolExecutor(1) as background:  # somebody who stops a training waits for both files
        packing = background.submit(_compress, folder / "model.keras") if keras_model else None
        model.export(
            folder / "model.tflite",
            format="litert",
            verbose=False,
            optimizations=[tf.lite.Optimize.DEFAULT],
            target_spec={"supported_types": [tf.float16]},
        )
        if packing:
            packing.result()


def _compress(path: Path) -> None:
    """Compress Keras' zip file, which is stored uncompressed.

    The zeros at the end of each rounded weight then take no space.
    """
    packed = path.with_suffix(".packed")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w") as target:
        for entry in source.infolist():
            target.writestr(zipfile.ZipInfo(entry.filename), source.read(entry), zipfile.ZIP_DEFLATED, compresslevel=6)
    shutil.move(packed, path)


def write_logs(folder: Path, history: dict[str, list[float]]) -> None:
    """Write loss and accuracy of each epoch for TensorBoard, with the tags of Keras' own callback.

    `tf.summary.scalar` raises an error where TensorBoard is not installed. `tf.summary.write` works there, but it
    stamps every value with the present time, and TensorBoard could not draw the curves over the time of training. So
    the events are written as they are: an event file is a TFRecord file of Event messages.
    """
    ends = np.cumsum(history["seconds"]) - sum(history["seconds"]) + time.time()
    for split, prefix in (("train", ""), ("validation", "val_")):
        (folder / split).mkdir(parents=True)
        with tf.io.TFRecordWriter(str(folder / split / "events.out.tfevents.digit-duel")) as writer:
            writer.write(tf.compat.v1.Event(wall_time=ends[0], file_version="brain.Event:2").SerializeToString())
            for epoch, end in enumerate(ends):
                values = [
                    tf.compat.v1.Summary.Value(tag=f"epoch_{metric}", simple_value=history[prefix + metric][epoch])
                    for metric in ("loss", "accuracy")
                ]
                summary = tf.compat.v1.Summary(value=values)
                writer.write(tf.compat.v1.Event(wall_time=end, step=epoch, summary=summary).SerializeToString())


def write_json(path: Path, values: object) -> None:
    """Write the values as JSON, in a form that people can read."""
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
