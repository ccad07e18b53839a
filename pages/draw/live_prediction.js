/* Loads the scripts that predict while the pen is down, see live_prediction.py. Streamlit sends this file again at
   every pen-up, so it is short. Without the scripts, for example where a policy forbids them, the page works as well. */

export default function ({ data }) {
  let stop = () => {};
  let isMounted = true;
  const address = (relative) => new URL(relative, document.baseURI).href;
  import(address(data.script))
    .then(({ followPen }) => {
      if (!isMounted) return;
      const networks = Object.fromEntries(Object.entries(data.networks).map(([side, url]) => [side, address(url)]));
      stop = followPen({ ...data, networks });
    })
    .catch(() => {});
  return () => {
    isMounted = false;
    stop();
  };
}
