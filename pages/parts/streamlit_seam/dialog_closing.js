/* Closes the dialog "Page not found" on a page that was found. See streamlit_seam.py, close_mistaken_dialog. */

const LONGEST_WAIT = 5000; // milliseconds

export default function () {
  const start = performance.now();
  const search = () => {
    for (const dialog of document.querySelectorAll("[role=dialog]")) {
      if (dialog.textContent.includes("Page not found")) {
        dialog.querySelector("button")?.click();
        return;
      }
    }
    if (performance.now() - start < LONGEST_WAIT) requestAnimationFrame(search);
  };
  search();
}
