/* Disables buttons while something is on the page. See streamlit_seam.py, disable_buttons. */

export default function ({ data }) {
  const update = () => {
    for (const [container, selector] of Object.entries(data.buttons)) {
      const isDisabled = document.querySelector(selector) !== null;
      for (const button of document.querySelectorAll(`.${container} button`)) {
        if (button.disabled !== isDisabled) button.disabled = isDisabled;
      }
    }
  };
  const observer = new MutationObserver(update);
  observer.observe(document.body, { childList: true, subtree: true });
  update();
  return () => observer.disconnect();
}
