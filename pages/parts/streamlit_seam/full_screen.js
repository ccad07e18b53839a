/* Has a button take the whole screen, or give it back. See streamlit_seam.py, full_screen_button. */

const STATE = Symbol.for("digit-duel.full-screen"); // One for the page: this function is called again for new data.

export default function ({ data }) {
  const state = (window[STATE] ??= listen());
  if (state.data?.isOn !== data.isOn) state.isPressed = false;
  state.data = data;
  if (data.isOn && state.isLeft) state.button()?.click();
  state.isLeft = false;
  return () => {
    if (state.data === data) state.data = null;
  };
}

function listen() {
  // isPressed: whether the button was pressed since the server's last answer. Whoever leaves by Escape has not pressed it.
  // isLeft: whether the full screen was left again before the server had answered the press that took it.
  const button = () => document.querySelector(`.${state.data.button} button`);
  const state = { data: null, isPressed: false, isLeft: false, button };
  const pressed = (event) => {
    if (!state.data || !(event.target instanceof Element) || !button()?.contains(event.target)) return;
    state.isPressed = true;
    if (!state.data.isOn) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  };
  const changed = () => {
    if (document.fullscreenElement || !state.data) return;
    if (!state.data.isOn) state.isLeft = state.isPressed;
    else if (!state.isPressed) button()?.click();
  };
  document.addEventListener("click", pressed, true);
  document.addEventListener("fullscreenchange", changed);
  return state;
}
