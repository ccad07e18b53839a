"""The files of a run: the network twice, its history twice, what it read, and what is known of it.

Only the training process imports this module: Keras and TensorFlow come with it.
"""

import json
import shutil
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


def save_model(model: keras.Model, folder: Path) -> None:
    """Both files hold the same numbers: weights that were rounded to half precision before.

    That halves either file, and LiteRT and Keras agree to rounding, since neither holds a digit that the other lacks.
    What is measured afterwards is the rounded network. The model was never compiled: no optimizer state is saved.
    """
    model.save(folder / "model.keras")
    with ThreadPoolExecutor(1) as beside:  # somebody who stopped a training waits for both
        packing = beside.submit(_compress, folder / "model.keras")
        model.export(
            folder / "model.tflite",
            format="litert",
            verbose=False,
            optimizations=[tf.lite.Optimize.DEFAULT],
            target_spec={"supported_types": [tf.float16]},
        )
        packing.result()


def _compress(path: Path) -> None:
    """Keras stores its zip unpacked; packed, zeros at the end of each weight cost nothing."""
    packed = path.with_suffix(".packed")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w") as target:
        for entry in source.infolist():
            target.writestr(zipfile.ZipInfo(entry.filename), source.read(entry), zipfile.ZIP_DEFLATED, compresslevel=6)
    shutil.move(packed, path)


def write_logs(folder: Path, history: dict[str, list[float]]) -> None:
    """What TensorBoard shows, where it is installed: `tensorboard --logdir trained_models`. Tags are those of Keras' own callback.

    An event file is a TFRecord file of Event messages; TensorFlow's own writer would need TensorBoard installed to write them.
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
                writer.write(
                    tf.compat.v1.Event(
                        wall_time=end, step=epoch, summary=tf.compat.v1.Summary(value=values)
                    ).SerializeToString()
                )


def write_json(path: Path, values: object) -> None:
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
