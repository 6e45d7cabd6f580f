/** The documents of the user. */
import { deleteDocument, listAllCopies, listDocuments } from "./api.js";
import { confirmDeletion } from "./confirm-deletion.js";
import { element, make } from "./dom.js";
import { countText, sizeText, timeText } from "./format.js";
import { messages, showPage } from "./frame.js";
import { startUploadPanel } from "./upload-panel.js";
import { viewDocument } from "./view-document.js";

/** @typedef {import("./api.js").StoredDocument} StoredDocument */

const list = element("list", HTMLUListElement);
const state = element("state", HTMLParagraphElement);

void showPage(drawDocuments);
startUploadPanel(async (stored) => {
  messages.tell(`${stored.name} is stored.`);
  await drawDocuments();
});

async function drawDocuments() {
  try {
    // One after the other, so that a session that ended is one refusal and not two in the server's count.
    const documents = await listDocuments();
    const copies = await listAllCopies();
    const copyCounts = new Map();
    for (const { documentid } of copies) copyCounts.set(documentid, (copyCounts.get(documentid) ?? 0) + 1);
    list.replaceChildren(...documents.map((stored) => documentItem(stored, copyCounts.get(stored.id) ?? 0)));
    state.textContent = documents.length === 0 ? "No documents yet. Upload a PDF to see it here." : "";
  } catch (error) {
    state.textContent = "The documents cannot be shown.";
    throw error;
  }
}

/**
 * @param {StoredDocument} stored
 * @param {number} copyCount
 */
function documentItem(stored, copyCount) {
  const link = make("a", { href: `/document.html?id=${stored.id}` }, stored.name);
  const facts = [timeText(stored.creation), sizeText(stored.size), countText(copyCount, "copy")];
  const about = make(
    "div",
    { className: "about" },
    make("h2", { className: "name" }, link),
    make("p", { className: "hint" }, facts.join(" · ")),
  );
  const view = actionButton({ text: "View", className: "quiet small", stored }, () => viewDocument(stored));
  const remove = actionButton({ text: "Delete", className: "danger small", stored }, () => removeDocument(stored));
  return make("li", { className: "item" }, about, make("div", { className: "actions" }, view, remove));
}

/**
 * @param {{ text: string, className: string, stored: StoredDocument }} options
 * @param {() => Promise<void>} work
 */
function actionButton({ text, className, stored }, work) {
  const button = make("button", { type: "button", className, ariaLabel: `${text} ${stored.name}` }, text);
  button.addEventListener("click", () => void messages.runFor(button, work));
  return button;
}

/** @param {StoredDocument} stored */
async function removeDocument(stored) {
  if (!(await confirmDeletion(stored.name))) return;
  await deleteDocument(stored.id);
  messages.tell(`${stored.name} is deleted.`);
  await drawDocuments();
  // The button that had the focus is gone.
  element("title", HTMLHeadingElement).focus();
}
