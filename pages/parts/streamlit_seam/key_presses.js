/* Presses the page's buttons by keys of the keyboard. See streamlit_seam.py, press_by_keys. */

const EDITABLE = "[contenteditable]:not([contenteditable=false])";
const PRESSED_BY_ENTER = "button, a, summary, [role=button]";
const FIELDS = `input, textarea, select, ${EDITABLE}, [role=combobox], [role=slider]`;

export default function ({ data }) {
  const press = (event) => {
    const target = event.composedPath()[0];
    if (event.altKey || event.metaKey || event.repeat || event.isComposing) return;
    if (target instanceof Element && target.closest(FIELDS)) return;
    if (event.key === "Enter" && target instanceof Element && target.closest(PRESSED_BY_ENTER)) return;
    if (document.querySelector("[role=dialog]")) return; // Dialogs and popovers have their own keys, such as Escape.
    const container = data.buttons[(event.ctrlKey ? "Control+" : "") + event.key.toLowerCase()];
    if (!container) return;
    // Streamlit has keys of its own, such as C.
    event.preventDefault();
    event.stopImmediatePropagation();
    document.querySelector(`.${container} button:not(:disabled)`)?.click();
  };
  window.addEventListener("keydown", press, true);
  return () => window.removeEventListener("keydown", press, true);
}
