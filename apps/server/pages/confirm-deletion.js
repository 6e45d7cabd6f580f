import { make } from "./dom.js";

/**
 * Asks whether a document shall go.
 * @param {string} name
 * @returns {Promise<boolean>} Escape counts as no
 */
export function confirmDeletion(name) {
  const title = make("h2", { id: "confirm-title" }, "Delete this document?");
  const keep = make("button", { className: "quiet", value: "keep", autofocus: true }, "Keep");
  const remove = make("button", { className: "danger", value: "delete" }, "Delete");
  const choice = make("form", { method: "dialog", className: "row" }, keep, remove);
  const hint = make("p", { className: "hint" }, "Its copies and their links go with it. This cannot be undone.");
  const dialog = make("dialog", {}, title, make("p", {}, make("strong", {}, name)), hint, choice);
  dialog.setAttribute("aria-labelledby", title.id);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "delete");
    });
  });
}
