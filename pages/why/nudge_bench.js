/* Loads the nudge bench, see nudge_bench.py. Streamlit sends this file again at every run of the page: it is short. */

export default function ({ data, parentElement, setTriggerValue }) {
  const address = (relative) => new URL(relative, document.baseURI).href;
  let isMounted = true;
  import(address(data.script))
    .then(({ showBench }) => {
      if (!isMounted) return;
      const networks =
        data.networks && Object.fromEntries(Object.entries(data.networks).map(([side, url]) => [side, address(url)]));
      showBench(parentElement, { ...data, networks }, setTriggerValue);
    })
    .catch((error) => {
      const verdict = parentElement.querySelector(".verdict");
      if (verdict) verdict.textContent = "The page's scripts did not arrive. Reload the page.";
      console.error(error);
    });
  return () => {
    isMounted = false;
  };
}
