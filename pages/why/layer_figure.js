/* Loads the scripts that draw the layers, see layer_figure.py, and gives them the message. Streamlit sends this file
   again with every message, so it is short. */

export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".figure");
  const end = data.indexOf(10);
  const script = new TextDecoder().decode(data.subarray(0, end));
  let isMounted = true;
  import(new URL(script, document.baseURI).href)
    .then(({ show }) => isMounted && show(box, data.subarray(end + 1)))
    .catch((error) => {
      console.error(error);
      box.textContent =
        "The layers cannot be drawn here, because this browser does not load or run the page's scripts.";
    });
  return () => {
    isMounted = false;
  };
}
