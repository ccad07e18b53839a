/* Opens the phone's camera through the file uploader beside it, see camera.py. */

export default function ({ data, parentElement }) {
  parentElement.querySelector("button").onclick = () => {
    const input = document.querySelector(`.${CSS.escape(data.uploader)} input[type=file]`);
    if (!input) return;
    input.setAttribute("capture", "environment"); // the camera at the back
    input.click();
    input.removeAttribute("capture");
  };
}
