/* Shows the tour, and reports which step was pressed. See tour.py. */

const STATE = Symbol.for("digit-duel.tour"); // Of this tab, until it is reloaded: pages come and go meanwhile.
const SEEN = "digit-duel-tour"; // Of this browser, for good.
const MARK = "digit-duel-tour"; // Class of the document while the bar is there, for the space below the page.

export default function ({ data, parentElement, setTriggerValue }) {
  const bar = parentElement.querySelector(".bar");
  const state = (window[STATE] ??= { isOpen: !wasSeen(), step: 0 });

  const go = (event, step) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // The browser opens the link elsewhere.
    event.preventDefault();
    state.step = step;
    draw();
    setTriggerValue("step", step);
  };

  const link = (element, step) => {
    element.href = address(data, data.steps[step]);
    element.onclick = (event) => go(event, step);
    return element;
  };

  const draw = () => {
    bar.hidden = !state.isOpen;
    document.documentElement.classList.toggle(MARK, state.isOpen);
    if (!state.isOpen) return;
    remember(); // Whoever has seen it begin can find the link.
    const { title, text } = data.steps[state.step];
    const name = document.createElement("b");
    name.textContent = `${state.step + 1} of ${data.steps.length}: ${title}.`;
    parentElement.querySelector(".text").replaceChildren(name, ` ${text}`);

    const numbers = data.steps.map((step, index) => {
      const number = link(document.createElement("a"), index);
      number.textContent = index + 1;
      number.title = step.title;
      number.setAttribute("aria-label", `${index + 1}: ${step.title}`);
      if (index === state.step) number.setAttribute("aria-current", "step");
      const item = document.createElement("li");
      item.append(number);
      return item;
    });
    parentElement.querySelector("ol").replaceChildren(...numbers);

    const isLast = state.step === data.steps.length - 1;
    const next = parentElement.querySelector(".next");
    next.hidden = isLast;
    if (!isLast) {
      link(next, state.step + 1);
      next.textContent = `Next: ${data.steps[state.step + 1].title}`;
    }
    parentElement.querySelector(".skip").textContent = isLast ? "End tour" : "Skip tour";
  };

  parentElement.querySelector(".skip").onclick = () => {
    state.isOpen = false;
    draw();
    parentElement.querySelector(".open").focus({ preventScroll: true });
  };
  parentElement.querySelector(".open").onclick = () => {
    state.isOpen = true;
    state.step = 0;
    draw();
    parentElement.querySelector("ol a").focus({ preventScroll: true });
  };
  draw();
  return () => document.documentElement.classList.remove(MARK);
}

// The address of a step's page, whatever base path lies before the open page.
function address(data, step) {
  const root = location.pathname.slice(0, location.pathname.length - data.page.length).replace(/\/*$/, "/");
  const choices = new URLSearchParams(step.choices).toString();
  return root + step.page + (choices && `?${choices}`);
}

function wasSeen() {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return false; // A browser that keeps nothing shows the tour once in each tab.
  }
}

function remember() {
  try {
    localStorage.setItem(SEEN, "seen");
  } catch {
    // See wasSeen.
  }
}
