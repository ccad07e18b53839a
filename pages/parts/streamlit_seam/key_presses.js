/* Presses the page's buttons by keys of the keyboard. See streamlit_seam.py, press_by_keys. */

const EDITABLE = "[contenteditable]:not([contenteditable=false])";
const PRESSED_BY_ENTER = "button, a, summary, [role=button]";
const FIELDS = `input, textarea, select, ${EDITABLE}, [role=combobox], [role=slider]`;

/** Streamlit calls the function below again, for example on the stage, and does not end the call before. */
let stop = () => {};

export default function ({ data }) {
  stop();
  // What a mouse or a finger pressed last. It has the focus now, but nobody has gone there with the keyboard.
  let pointed = null;
  // Whether Enter has pressed another button since then. The next one must not press this one either.
  let isPassedOver = false;
  const control = (event) => {
    const target = event.composedPath()[0];
    return target instanceof Element ? target.closest(PRESSED_BY_ENTER) : null;
  };
  const point = (event) => {
    pointed = control(event);
    isPassedOver = false;
  };
  const press = (event) => {
    const target = event.composedPath()[0];
    if (event.key === "Tab") pointed = null;
    if (event.altKey || event.metaKey || event.isComposing) return;
    if (target instanceof Element && target.closest(FIELDS)) return;
    const focused = control(event);
    const isOnPointed = pointed !== null && focused === pointed;
    if (event.key === "Enter" && isOnPointed && isPassedOver) event.preventDefault();
    if (event.repeat) return;
    if (document.querySelector("[role=dialog]")) return; // Dialogs and popovers have their own keys, such as Escape.
    const container = data.buttons[(event.ctrlKey ? "Control+" : "") + event.key.toLowerCase()];
    if (!container) return;
    const button = document.querySelector(`.${container} button:not(:disabled)`);
    if (event.key === "Enter" && (!button || (focused && !isOnPointed))) return;
    if (event.key === "Enter") isPassedOver = isOnPointed;
    // Streamlit has keys of its own, such as C.
    event.preventDefault();
    event.stopImmediatePropagation();
    button?.click();
  };
  window.addEventListener("pointerdown", point, true);
  window.addEventListener("keydown", press, true);
  const end = () => {
    window.removeEventListener("pointerdown", point, true);
    window.removeEventListener("keydown", press, true);
  };
  stop = end;
  return end;
}
