"""The button that opens a phone's camera. The photograph then goes through the file uploader, as a file does.

`st.camera_input` would ask for the camera as soon as it is shown, needs https, and takes a small picture of the video.
The file picker's own `capture` opens the phone's camera app, and only when the button is pressed.
"""

from pathlib import Path

from pages.parts.assets import component

_camera = component(Path(__file__).with_suffix(""))


def offer_camera(uploader: str) -> None:
    """Show the button, on devices with a touch screen alone. uploader: the class of the uploader's element."""
    _camera(data={"uploader": uploader}, key="draw_camera")
