/* Scrolls the container around this component into view. See streamlit_seam.py, scroll_into_view. */

export default function ({ data, parentElement }) {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  parentElement.closest(`.${data.container}`)?.scrollIntoView({ behavior, block: "start" });
}
