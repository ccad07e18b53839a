/* Plays the change of each model's mind, picture by picture. See change_of_mind.py. */

const WHOLE = 5000; // Milliseconds for all pictures of one model, at most.
const LONGEST = 600; // Milliseconds for one picture, at most.

export default function ({ data, parentElement }) {
  const players = parentElement.querySelector(".players");
  const drawn = JSON.stringify(data);
  if (players.dataset.drawn === drawn) return;
  players.dataset.drawn = drawn;
  players.stop?.();
  const started = data.sides.map(player);
  players.replaceChildren(...started.map((each) => each.element));
  players.stop = () => started.forEach((each) => each.stop());
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const each of started) isStill ? each.showLast() : each.play();
  return () => players.stop();
}

/* One model's pictures with a button and a slider. */
function player(side) {
  const element = document.createElement("section");
  element.style.setProperty("--ink", side.colour);
  element.setAttribute("aria-label", side.name);
  element.append(made("h3", side.headline));
  const last = side.frames.length - 1;
  if (last < 1) {
    if (side.note) element.append(made("p", side.note));
    return { element, stop() {}, play() {}, showLast() {} };
  }

  const picture = made("img");
  const words = made("div");
  const caption = made("p");
  caption.className = "caption";
  const button = made("button");
  button.type = "button";
  const slider = made("input");
  Object.assign(slider, { type: "range", min: 0, max: last, step: 1, value: 0 });
  slider.setAttribute("aria-label", `${side.name}: ${side.unit}`);
  const controls = made("div");
  controls.className = "controls";
  controls.append(button, slider);
  words.append(caption, controls, made("p", side.note));
  const body = made("div");
  body.className = "body";
  body.append(picture, words);
  element.append(body);

  let timer = 0;
  const show = (number) => {
    const frame = side.frames[number];
    const step = number ? `${side.unit} ${number} of ${last}` : "unchanged";
    slider.value = number;
    picture.src = frame.src;
    caption.textContent = `${step[0].toUpperCase()}${step.slice(1)}: ${side.name} ${frame.text}`;
    picture.alt = `The digit, ${step}`;
    slider.setAttribute("aria-valuetext", caption.textContent);
    element.dataset.step = number;
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = Number(slider.value) === last ? "Play again" : "Play";
  };
  const play = () => {
    clearInterval(timer);
    if (Number(slider.value) === last) show(0);
    button.textContent = "Pause";
    timer = setInterval(
      () => {
        show(Number(slider.value) + 1);
        if (Number(slider.value) >= last) stop();
      },
      Math.min(LONGEST, WHOLE / last),
    );
  };
  button.onclick = () => (timer ? stop() : play());
  slider.oninput = () => {
    show(Number(slider.value));
    stop();
  };
  const showLast = () => {
    show(last);
    stop();
  };
  show(0);
  return { element, stop, play, showLast };
}

function made(tag, text = "") {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  return element;
}
