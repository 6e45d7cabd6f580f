import { copyAddress } from "./api.js";
import { make } from "./dom.js";
import { Messages } from "./messages.js";

/** @typedef {import("./api.js").MarkedCopy} MarkedCopy */

/**
 * A marked copy as an item of a list: for whom it is, what is in it, and its link.
 * @param {MarkedCopy} copy
 * @returns {HTMLLIElement}
 */
export function copyItem(copy) {
  const recipient = copy.intended_for ?? "nobody in particular";
  const method = make("span", { className: "chip" }, copy.method);
  const facts = make("p", { className: "hint" }, method, " secret ", make("code", {}, copy.secret));
  const place = make("div", { className: "messages" });
  const row = linkRow(copyAddress(copy.link), recipient, new Messages(place));
  return make("li", { className: "copy" }, make("h3", { className: "name" }, recipient), facts, row, place);
}

/**
 * @param {string} address
 * @param {string} recipient
 * @param {Messages} messages
 */
function linkRow(address, recipient, messages) {
  const field = make("input", { readOnly: true, value: address, ariaLabel: `Link of the copy for ${recipient}` });
  field.addEventListener("focus", () => field.select());
  const button = make("button", { type: "button", className: "quiet small" }, "Copy link");
  button.ariaLabel = `Copy link of the copy for ${recipient}`;
  button.addEventListener("click", () => void messages.runFor(button, () => copyText(field, messages)));
  const open = make("a", { className: "button quiet small", href: address, target: "_blank", rel: "noopener" }, "Open");
  open.ariaLabel = `Open the copy for ${recipient}`;
  return make("div", { className: "link-row" }, field, button, open);
}

/**
 * Browsers give pages the clipboard over HTTPS and on this machine only; elsewhere the user presses the keys.
 * @param {HTMLInputElement} field
 * @param {Messages} messages
 */
async function copyText(field, messages) {
  try {
    await navigator.clipboard.writeText(field.value);
    messages.tell("The link is in the clipboard.");
  } catch {
    field.focus();
    messages.tell("The link is selected: press Ctrl+C to copy it.");
  }
}
