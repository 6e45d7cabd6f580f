/** The choice of a watermarking method. */
import { make } from "./dom.js";

/** @typedef {import("./api.js").WatermarkMethod} WatermarkMethod */

/** Survives most, so it is what somebody without an opinion should take. */
const preferredName = "layered";

/**
 * @param {readonly WatermarkMethod[]} methods
 * @returns {readonly HTMLElement[]} one radio button each, with what the method does
 */
export function methodChoices(methods) {
  const chosen = preferredMethod(methods);
  return methods.map((method) => {
    const id = `method-${method.name}`;
    const checked = method === chosen;
    const radio = make("input", { type: "radio", name: "method", value: method.name, id, checked });
    radio.setAttribute("aria-describedby", `${id}-text`);
    const name = make("label", { htmlFor: id }, method.name);
    const description = make("p", { className: "hint", id: `${id}-text` }, method.description);
    return make("div", { className: "choice" }, radio, name, description);
  });
}

/**
 * @param {readonly WatermarkMethod[]} methods
 * @returns {readonly HTMLOptionElement[]}
 */
export function methodOptions(methods) {
  const chosen = preferredMethod(methods);
  return methods.map((method) => make("option", { value: method.name, selected: method === chosen }, method.name));
}

/** @param {readonly WatermarkMethod[]} methods */
function preferredMethod(methods) {
  return methods.find(({ name }) => name === preferredName) ?? methods[0];
}
