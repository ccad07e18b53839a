/** Small helpers: elements and numbers. */

/** An element: make("p", {className: "note"}, "text", child). `style` holds custom properties. */
export function make(name, { style = {}, attributes = {}, ...properties } = {}, ...children) {
  const element = document.createElement(name);
  Object.assign(element, properties);
  for (const [property, value] of Object.entries(style)) element.style.setProperty(property, value);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function number(value, digits = 2) {
  return value.toFixed(digits).replace("-", "−");
}

export function signedNumber(value, digits = 2) {
  return (value > 0 ? "+" : "") + number(value, digits);
}

/** "1 cell", "3 cells". */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
