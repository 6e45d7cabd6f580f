import {
  element,
  postJson,
  RequestError,
  request,
  runFor,
  sessionToken,
  setSessionToken,
  showMessage,
} from "./client.js";

/** @typedef {{ id: number, name: string, creation: string, sha256: string, size: number }} StoredDocument */

const rows = element("rows", HTMLTableSectionElement);
const table = element("table", HTMLTableElement);
const empty = element("empty", HTMLParagraphElement);
const drop = element("drop", HTMLFormElement);
const file = element("file", HTMLInputElement);
const choose = element("choose", HTMLButtonElement);
const logOut = element("log-out", HTMLButtonElement);

/** How long a new tab may take to read a PDF that was handed to it. */
const blobLifetimeMs = 60_000;

if (sessionToken() === null) location.replace("/login.html");
else void runFor(choose, showDocuments);

choose.addEventListener("click", () => file.click());
file.addEventListener("change", () => void upload(file.files));
logOut.addEventListener("click", () => void runFor(logOut, endSession));
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.dataset["over"] = "true";
});
drop.addEventListener("dragleave", () => {
  drop.dataset["over"] = "false";
});
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.dataset["over"] = "false";
  void upload(event.dataTransfer?.files ?? null);
});

/** Draws the list anew; without a valid session, goes to the login. */
async function showDocuments() {
  try {
    const response = await request("/api/list-documents");
    const { documents } = /** @type {{ documents: StoredDocument[] }} */ (await response.json());
    rows.replaceChildren(...documents.map(documentRow));
    table.hidden = documents.length === 0;
    empty.hidden = documents.length > 0;
    empty.textContent = "No documents yet. Upload a PDF to see it here.";
  } catch (error) {
    empty.textContent = "The documents cannot be shown.";
    if (error instanceof RequestError && error.status === 401) leave();
    throw error;
  }
}

/**
 * @param {StoredDocument} stored
 * @returns {HTMLTableRowElement}
 */
function documentRow(stored) {
  const row = document.createElement("tr");
  const view = actionButton("View", "quiet", () => viewDocument(stored));
  const remove = actionButton("Delete", "danger", () => deleteDocument(stored));
  const hash = document.createElement("code");
  hash.textContent = `${stored.sha256.slice(0, 12)}…`;
  hash.title = stored.sha256;
  row.append(
    cell("name", stored.name),
    cell("wide", new Date(stored.creation).toLocaleString()),
    cell("number wide", sizeText(stored.size)),
    cell("wide", hash),
    cell("actions", view, remove),
  );
  return row;
}

/**
 * @param {string} className
 * @param {...(string | Node)} content
 */
function cell(className, ...content) {
  const made = document.createElement("td");
  made.className = className;
  made.append(...content);
  return made;
}

/**
 * @param {string} text
 * @param {string} className
 * @param {() => Promise<void>} work
 */
function actionButton(text, className, work) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  button.textContent = text;
  button.addEventListener("click", () => void runFor(button, work));
  return button;
}

/** @param {FileList | null} files */
async function upload(files) {
  const chosen = files?.[0];
  if (chosen === undefined) return;
  await runFor(choose, async () => {
    showMessage(`Uploading ${chosen.name} …`, "good");
    const form = new FormData();
    form.append("file", chosen);
    await request("/api/upload-document", { method: "POST", body: form });
    showMessage(`${chosen.name} is stored.`, "good");
    await showDocuments();
  });
  file.value = "";
}

/** @param {StoredDocument} stored */
async function viewDocument(stored) {
  const response = await request(`/api/get-document/${stored.id}`);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), blobLifetimeMs);
}

/** @param {StoredDocument} stored */
async function deleteDocument(stored) {
  if (!(await isConfirmed(stored.name))) return;
  await request(`/api/delete-document/${stored.id}`, { method: "DELETE" });
  showMessage(`${stored.name} is deleted.`, "good");
  await showDocuments();
}

/**
 * @param {string} name
 * @returns {Promise<boolean>}
 */
function isConfirmed(name) {
  const dialog = element("confirm", HTMLDialogElement);
  element("confirm-name", HTMLParagraphElement).textContent = name;
  dialog.returnValue = "keep";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "delete"), { once: true });
  });
}

async function endSession() {
  await postJson("/api/logout", {});
  leave();
}

function leave() {
  setSessionToken(null);
  location.replace("/login.html");
}

/** @param {number} sizeBytes */
function sizeText(sizeBytes) {
  if (sizeBytes < 1024) return `${sizeBytes} B`;
  const isSmall = sizeBytes < 1024 * 1024;
  return isSmall ? `${(sizeBytes / 1024).toFixed(1)} KiB` : `${(sizeBytes / 1024 / 1024).toFixed(1)} MiB`;
}
