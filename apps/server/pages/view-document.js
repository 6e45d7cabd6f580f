import { getDocument } from "./api.js";
import { make } from "./dom.js";
import { messages } from "./frame.js";

/** @typedef {import("./api.js").StoredDocument} StoredDocument */

/** How long a new tab may take to read a PDF that was handed to it. */
const blobLifetimeMs = 60_000;

/**
 * Opens a document in a new tab, which cannot reach back to this one. Browsers open tabs only right after a click: when
 * the document took longer to come, the page offers a link.
 * @param {StoredDocument} stored
 */
export async function viewDocument(stored) {
  messages.tell(`Opening ${stored.name} …`);
  const url = URL.createObjectURL(await getDocument(stored.id));
  setTimeout(() => URL.revokeObjectURL(url), blobLifetimeMs);
  const link = make("a", { href: url, target: "_blank", rel: "noopener" }, `Open ${stored.name}`);
  if (!navigator.userActivation.isActive) return messages.tell(link);
  link.click();
  messages.tell();
}
