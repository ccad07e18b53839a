/* Keeps one history entry for each page, so that Back leads to the page before. See streamlit_seam.py,
   repair_history. */

const PATCHED = Symbol.for("digit-duel.page-history");

export default function ({ data }) {
  if (window[PATCHED]) return;
  window[PATCHED] = true;
  try {
    patch(data.pages, data.first_page);
  } catch {
    // A browser that does not allow the change keeps its own history: Back may then need two presses.
  }
}

function patch(pages, firstPage) {
  const { pushState, replaceState } = history;
  const parse = (url) => new URL(url ?? "", location);
  let addressBefore = location.href;
  let wentBack = false;
  const note = (event) => {
    addressBefore = location.href;
    wentBack = event.type === "popstate";
  };
  for (const kind of ["click", "popstate"]) addEventListener(kind, note, true);

  const isSamePage = (url) => parse(url).pathname === location.pathname;

  // The last part of the path names the page, whatever base path lies before it. The first page has no name there.
  const prefix = () => {
    const name = location.pathname.split("/").pop();
    return (pages.includes(name) ? name : firstPage) + "_";
  };

  // After Back or Forward the address is correct at once. An answer of the server that names another page, or choices
  // that belong to another page, is late: the visitor has passed that page already.
  const isLate = (url) => {
    if (!wentBack) return false;
    if (!isSamePage(url)) return true;
    const present = parse().searchParams;
    return [...parse(url).searchParams.keys()].some((key) => !key.startsWith(prefix()) && !present.has(key));
  };

  const replace = (state, unused, url) => {
    if (!isLate(url)) replaceState.call(history, state, unused, url);
  };
  const push = (state, unused, url) => {
    if (isLate(url)) return;
    if (isSamePage(url)) {
      // The server wrote a choice into the address of this page. That is no new page.
      replaceState.call(history, state, unused, url);
      return;
    }
    // The choices of the next page may have arrived before its name. The page that is left gets its own address back.
    if (parse(addressBefore).pathname === location.pathname) {
      replaceState.call(history, history.state, unused, addressBefore);
    }
    pushState.call(history, state, unused, url);
  };
  history.replaceState = replace;
  history.pushState = push;
}
