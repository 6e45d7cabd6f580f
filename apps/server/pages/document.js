/** One document: what it is, making marked copies of it, and the copies that there are. */
import { createWatermark, deleteDocument, listCopies, listDocuments, listMethods } from "./api.js";
import { confirmDeletion } from "./confirm-deletion.js";
import { copyItem } from "./copy-item.js";
import { element, formTexts, whenSent } from "./dom.js";
import { countText, sizeText, timeText } from "./format.js";
import { messages, showPage } from "./frame.js";
import { Messages } from "./messages.js";
import { methodChoices } from "./method-choice.js";
import { startRevealButtons } from "./reveal.js";
import { viewDocument } from "./view-document.js";

/** @typedef {import("./api.js").StoredDocument} StoredDocument */

const documentId = Number(new URLSearchParams(location.search).get("id"));
const form = element("mark", HTMLFormElement);
const formMessages = new Messages(element("mark-messages", HTMLDivElement));
const copies = element("copies", HTMLUListElement);
const copiesState = element("copies-state", HTMLParagraphElement);

startRevealButtons();
void showPage(drawPage);

async function drawPage() {
  const stored = (await listDocuments()).find(({ id }) => id === documentId);
  if (stored === undefined) return messages.complain("There is no such document among yours");
  drawFacts(stored);
  const methods = await listMethods();
  element("methods", HTMLDivElement).replaceChildren(...methodChoices(methods));
  await drawCopies();
  wireActions(stored);
  element("content", HTMLDivElement).hidden = false;
}

/** @param {StoredDocument} stored */
function drawFacts(stored) {
  document.title = `${stored.name} · Tatou`;
  element("title", HTMLHeadingElement).textContent = stored.name;
  element("uploaded", HTMLElement).textContent = timeText(stored.creation);
  element("size", HTMLElement).textContent = sizeText(stored.size);
  element("sha256", HTMLElement).textContent = stored.sha256;
  element("read", HTMLAnchorElement).href = `/read.html?id=${stored.id}`;
}

async function drawCopies() {
  const made = await listCopies(documentId);
  copies.replaceChildren(...made.toReversed().map(copyItem));
  copiesState.textContent = made.length === 0 ? "None yet. Every recipient gets a copy of their own." : "";
  element("copies-count", HTMLElement).textContent = made.length === 0 ? "" : countText(made.length, "copy");
}

/** @param {StoredDocument} stored */
function wireActions(stored) {
  const view = element("view", HTMLButtonElement);
  view.addEventListener("click", () => void messages.runFor(view, () => viewDocument(stored)));
  const remove = element("delete", HTMLButtonElement);
  remove.addEventListener("click", () => {
    void messages.runFor(remove, async () => {
      if (!(await confirmDeletion(stored.name))) return;
      await deleteDocument(stored.id);
      location.replace("/documents.html");
    });
  });
  const secret = element("secret", HTMLInputElement);
  element("suggest", HTMLButtonElement).addEventListener("click", () => {
    secret.value = crypto.getRandomValues(new Uint32Array(4)).reduce((text, word) => text + wordText(word), "");
  });
  whenSent(form, (button) => formMessages.runFor(button, markCopy));
}

async function markCopy() {
  formMessages.tell("Marking the copy …");
  const { method = "", intended_for = "", secret = "", key = "", position = "" } = formTexts(form);
  const order = { method, intended_for, secret, key };
  await createWatermark(documentId, position === "" ? order : { ...order, position });
  formMessages.tell(`The copy for ${intended_for} is ready: the first of the copies below.`);
  // The next copy is for somebody else; method and key often stay.
  for (const name of ["recipient", "secret"]) element(name, HTMLInputElement).value = "";
  await drawCopies();
}

/** @param {number} word of 32 bits */
function wordText(word) {
  return word.toString(16).padStart(8, "0");
}
