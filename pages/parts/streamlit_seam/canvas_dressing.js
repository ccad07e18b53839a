/* Names and describes the drawing canvas for screen readers, hides its toolbar, and shows an invitation until the pen
   is down. See streamlit_seam.py, dress_canvas. */

const FRAMES = 120; // A new canvas gets its shadow root some frames after its element.

const sheet = new CSSStyleSheet();
sheet.replaceSync(".dc-toolbar { display: none !important } .dc-canvas { outline: none !important }");

export default function ({ data, parentElement }) {
  const box = parentElement.closest(`.${data.box}`);
  if (!box) return undefined;
  let frames = FRAMES;
  // What is newest lies at the box: after new data, an older call of this function may go on for a while.
  box.dataset.label = data.label.trim();
  const forget = invite(box, data.placeholder, data.version);

  const dress = () => {
    for (const { shadowRoot } of box.querySelectorAll("*")) {
      if (shadowRoot) dressRoot(shadowRoot, box.dataset.label, data.description);
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
    forget();
  };
}

// The invitation goes when the pen touches the canvas; the server hears of the stroke only after it. It comes back when
// the server knows of a newer content of the canvas, an empty one.
function invite(box, text, version) {
  let words = box.querySelector(".canvas-placeholder");
  if (!words) {
    words = document.createElement("div");
    words.className = "canvas-placeholder";
    words.setAttribute("aria-hidden", "true"); // the canvas has a name of its own
    box.append(words);
  }
  box.dataset.version = version;
  if (!text) delete box.dataset.touchedVersion;
  if (words.textContent !== text) words.textContent = text;
  words.hidden = !text || box.dataset.touchedVersion === box.dataset.version;
  const touched = () => {
    words.hidden = true;
    box.dataset.touchedVersion = box.dataset.version;
  };
  box.addEventListener("pointerdown", touched, { capture: true });
  return () => box.removeEventListener("pointerdown", touched, { capture: true });
}

function dressRoot(root, label, description) {
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  for (const canvas of root.querySelectorAll("canvas")) {
    if (canvas.classList.contains("upper-canvas")) {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", label);
      canvas.setAttribute("aria-description", description);
    } else {
      canvas.setAttribute("aria-hidden", "true");
    }
  }
}
