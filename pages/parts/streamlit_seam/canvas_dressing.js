/* Names and describes the drawing canvas for screen readers and hides its toolbar. See streamlit_seam.py, dress_canvas. */

const FRAMES = 120; // A new canvas gets its shadow root some frames after its element.

const sheet = new CSSStyleSheet();
sheet.replaceSync(".dc-toolbar { display: none !important } .dc-canvas { outline: none !important }");

export default function ({ data, parentElement }) {
  const box = parentElement.closest(`.${data.box}`);
  if (!box) return undefined;
  let frames = FRAMES;

  const dress = () => {
    for (const { shadowRoot } of box.querySelectorAll("*")) {
      if (shadowRoot) dressRoot(shadowRoot, data);
    }
    if (frames-- > 0) requestAnimationFrame(dress);
  };

  const observer = new MutationObserver(() => {
    frames = FRAMES;
    dress();
  });
  observer.observe(box, { childList: true, subtree: true });
  dress();
  return () => {
    frames = 0;
    observer.disconnect();
  };
}

function dressRoot(root, { label, description }) {
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  for (const canvas of root.querySelectorAll("canvas")) {
    if (canvas.classList.contains("upper-canvas")) {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", label.trim());
      canvas.setAttribute("aria-description", description);
    } else {
      canvas.setAttribute("aria-hidden", "true");
    }
  }
}
