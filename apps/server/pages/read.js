/** Reading a mark: which copy leaked? */
import { copyAddress, listDocuments, listMethods, readWatermark } from "./api.js";
import { element, formTexts, make, whenSent } from "./dom.js";
import { timeText } from "./format.js";
import { messages, showPage } from "./frame.js";
import { Messages } from "./messages.js";
import { methodOptions } from "./method-choice.js";
import { RequestError } from "./request.js";
import { startRevealButtons } from "./reveal.js";
import { startUploadPanel } from "./upload-panel.js";

/** @typedef {import("./api.js").ReadMark} ReadMark */

/** What to do about a refusal, by its code. */
const advice = new Map([
  ["secret_not_found", "Try the other methods: they differ in what they survive."],
  ["invalid_key", "The copy was marked, and with another key. Try the key of the copies that may have leaked."],
  ["disagreement", "The file was marked more than once, or changed. Read its layers one by one."],
]);

const form = element("read-form", HTMLFormElement);
const choice = element("document", HTMLSelectElement);
const result = element("result", HTMLElement);
const formMessages = new Messages(element("read-messages", HTMLDivElement));

startRevealButtons();
void showPage(async () => {
  const methods = await listMethods();
  element("method", HTMLSelectElement).replaceChildren(...methodOptions(methods));
  await drawDocuments(new URLSearchParams(location.search).get("id"));
  element("content", HTMLDivElement).hidden = false;
});

startUploadPanel(async (stored) => {
  messages.tell(`${stored.name} is stored and chosen below.`);
  await drawDocuments(String(stored.id));
  element("key", HTMLInputElement).focus();
});

whenSent(form, (button) => {
  result.replaceChildren();
  return formMessages.runFor(button, readMark);
});

/** @param {string | null} chosenId */
async function drawDocuments(chosenId) {
  const documents = await listDocuments();
  const options = documents.map(({ id, name, creation }) =>
    make("option", { value: String(id), selected: String(id) === chosenId }, `${name} (${timeText(creation)})`),
  );
  choice.replaceChildren(...options);
  if (documents.length === 0) choice.append(make("option", { value: "" }, "Upload a file first"));
}

async function readMark() {
  const { document: id = "", method = "", key = "" } = formTexts(form);
  if (id === "") return formMessages.complain("Upload the copy first");
  formMessages.tell("Reading the mark …");
  try {
    const mark = await readWatermark(Number(id), { method, key });
    formMessages.tell();
    drawResult(mark);
  } catch (error) {
    throw error instanceof RequestError ? withAdvice(error) : error;
  }
}

/** @param {RequestError} error */
function withAdvice(error) {
  const hint = advice.get(error.code);
  return hint === undefined ? error : new RequestError(`${error.message}. ${hint}`);
}

/** @param {ReadMark} mark */
function drawResult({ secret, attribution }) {
  const found = make("p", {}, "The secret is ", make("code", {}, secret));
  const card = make("div", { className: "card found" }, attributionTitle(attribution), found);
  if (attribution) {
    const href = copyAddress(attribution.link);
    card.append(make("p", {}, make("a", { href, target: "_blank", rel: "noopener" }, "Open the copy as it was sent")));
  }
  result.replaceChildren(card);
}

/** @param {ReadMark["attribution"]} attribution */
function attributionTitle(attribution) {
  if (!attribution) return make("h2", {}, "A mark, but of none of your copies");
  const recipient = make("strong", {}, attribution.intended_for ?? "nobody in particular");
  return make("h2", {}, "This copy was made for ", recipient);
}
