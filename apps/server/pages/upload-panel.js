/** Where files are chosen or dropped, and the list of those on their way. */
import { element, make } from "./dom.js";
import { sizeText } from "./format.js";
import { RequestError } from "./request.js";
import { sendFile } from "./send-file.js";

/** @typedef {import("./api.js").StoredDocument} StoredDocument */

/** Screen readers are told of these shares of a file, once each. */
const announcedShares = [0.25, 0.5, 0.75];

/**
 * Makes the page's panel work. Files are sent one after the other, in the order in which they were chosen.
 * @param {(document: StoredDocument) => Promise<void>} onStored
 */
export function startUploadPanel(onStored) {
  const panel = element("upload", HTMLFormElement);
  const input = element("file", HTMLInputElement);
  let last = Promise.resolve();
  const add = (/** @type {FileList | null | undefined} */ files) => {
    for (const file of files ?? []) {
      const upload = new Upload(file);
      last = last.then(() => upload.run(onStored));
    }
  };
  const choose = element("choose", HTMLButtonElement);
  choose.addEventListener("click", () => input.click());
  choose.disabled = false;
  input.addEventListener("change", () => {
    add(input.files);
    // The same file can be chosen again.
    input.value = "";
  });
  const mark = (/** @type {DragEvent} */ event, /** @type {boolean} */ isOver) => {
    event.preventDefault();
    panel.dataset["over"] = String(isOver);
  };
  panel.addEventListener("dragover", (event) => mark(event, true));
  panel.addEventListener("dragleave", (event) => mark(event, false));
  panel.addEventListener("drop", (event) => {
    mark(event, false);
    add(event.dataTransfer?.files);
  });
}

/** One file on its way, as a line of the list, which it leaves when it is stored, or when its user has read why not. */
class Upload {
  #file;
  #abort = new AbortController();
  #progress;
  #state = make("span", { className: "hint" }, "Waiting");
  #problem = make("p", { className: "problem", role: "alert" });
  #button = make("button", { type: "button", className: "quiet small" }, "Cancel");
  #line;
  #announced = 0;

  /** @param {File} file */
  constructor(file) {
    this.#file = file;
    this.#progress = make("progress", { max: 1, value: 0, ariaLabel: `Upload of ${file.name}` });
    this.#button.ariaLabel = `Cancel the upload of ${file.name}`;
    this.#button.addEventListener("click", () => this.#stop());
    const name = make("strong", { className: "name" }, file.name);
    this.#line = make("li", { className: "upload" }, name, this.#state, this.#button, this.#progress, this.#problem);
    element("uploads", HTMLUListElement).append(this.#line);
  }

  /** @param {(document: StoredDocument) => Promise<void>} onStored */
  async run(onStored) {
    const { signal } = this.#abort;
    if (signal.aborted) return;
    try {
      announce(`Uploading ${this.#file.name}`);
      const stored = await sendFile(this.#file, { signal, onProgress: (ratio) => this.#show(ratio) });
      this.#line.remove();
      announce("");
      await onStored(stored);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** @param {number} ratio */
  #show(ratio) {
    if (ratio === 1) {
      this.#progress.removeAttribute("value");
      this.#state.textContent = "Sent, being checked";
      return;
    }
    this.#progress.value = ratio;
    const { size } = this.#file;
    this.#state.textContent = `${Math.floor(ratio * 100)} % of ${sizeText(size)}`;
    const share = announcedShares.findLast((share) => share <= ratio) ?? 0;
    if (share > this.#announced) announce(`${this.#file.name}: ${share * 100} %`);
    this.#announced = share;
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#progress.remove();
    this.#state.textContent = "Not stored";
    this.#problem.textContent = error instanceof RequestError ? error.message : "Something went wrong on this page";
    this.#button.textContent = "Dismiss";
    this.#button.ariaLabel = `Dismiss ${this.#file.name}`;
    if (!(error instanceof RequestError)) throw error;
  }

  #stop() {
    const isUnderWay = this.#progress.isConnected;
    this.#abort.abort();
    this.#line.remove();
    if (isUnderWay) announce(`The upload of ${this.#file.name} is cancelled`);
    element("choose", HTMLButtonElement).focus();
  }
}

/** @param {string} text */
function announce(text) {
  element("announcer", HTMLParagraphElement).textContent = text;
}
