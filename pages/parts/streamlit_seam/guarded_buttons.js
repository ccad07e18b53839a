/* Disables buttons that would do nothing, holds presses until the server has answered what came before them, and names
   buttons for screen readers. See streamlit_seam.py, guard_buttons. */

const CAN_BE_PRESSED = ":is(button:not(:disabled), a)";
/** So long a press waits for an answer; then it goes on without. In milliseconds. */
const PATIENCE = 10_000;

/** The containers of what was pressed and is held, the first press first. */
const held = [];
/** The number of the panel at the last press that went on. A panel with another number answers it. */
let pressedAt;
let patience = 0;
let isGoingOn = false;
/** Streamlit calls the function below again, for example for other colours, and does not always end the call before. */
let stop = () => {};

export default function ({ data }) {
  stop();
  const panel = () => document.querySelector(data.panel)?.dataset;

  const update = () => {
    const mayBePressed = isStrokeOnItsWay(panel());
    for (const [container, selector] of Object.entries(data.disabled)) {
      const isDisabled = !mayBePressed && document.querySelector(selector) !== null;
      for (const button of document.querySelectorAll(`.${container} button`)) {
        if (button.disabled !== isDisabled) button.disabled = isDisabled;
      }
    }
    for (const [container, name] of Object.entries(data.names)) {
      for (const button of document.querySelectorAll(`.${container} button`)) {
        if (button.ariaLabel !== name) button.ariaLabel = name;
      }
    }
    goOn();
  };

  const goOn = () => {
    while (held.length && !isWaiting(panel())) {
      const [container] = held.splice(0, 1);
      clearTimeout(patience);
      patience = 0;
      markHeld(container);
      const button = document.querySelector(`.${container} ${CAN_BE_PRESSED}`);
      if (!button) continue;
      isGoingOn = true;
      button.click(); // comes back to `press`
      isGoingOn = false;
    }
    if (held.length) patience ||= setTimeout(giveUp, PATIENCE);
  };

  const giveUp = () => {
    patience = 0;
    pressedAt = undefined;
    delete document.body.dataset.begun;
    goOn();
  };

  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens a link elsewhere
    const container = data.held.find((each) => event.target.closest?.(`.${each} ${CAN_BE_PRESSED}`));
    if (!container) return;
    if (isGoingOn || !(held.length || isWaiting(panel()))) {
      pressedAt = panel()?.number;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    held.push(container);
    markHeld(container);
    goOn();
  };

  const observer = new MutationObserver(update);
  observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-begun"] });
  window.addEventListener("click", press, true);
  stop = () => {
    observer.disconnect();
    window.removeEventListener("click", press, true);
  };
  update();
  return () => {
    stop();
    for (const container of held.splice(0)) markHeld(container);
    clearTimeout(patience);
    patience = 0;
  };
}

/** Whether the server has still to answer a press or a stroke. panel: its data; none if an error stands in its place. */
function isWaiting(panel) {
  return panel !== undefined && (panel.number === pressedAt || isStrokeOnItsWay(panel));
}

/** Whether the panel is about fewer strokes than the pen has begun. live_drawing.js tells how many these are. */
function isStrokeOnItsWay(panel) {
  const [version, strokes] = document.body.dataset.begun?.split(" ") ?? [];
  return panel !== undefined && panel.version === version && Number(panel.strokes) < Number(strokes);
}

/** Show on a button whether a press on it is held. */
function markHeld(container) {
  for (const button of document.querySelectorAll(`.${container} :is(button, a)`)) {
    if (held.includes(container)) button.ariaBusy = "true";
    else button.ariaBusy = null;
  }
}
