/** What the page tells about the user's last action, to eyes and to screen readers. */
import { make } from "./dom.js";
import { RequestError } from "./request.js";

/** One notice or one problem at a time. */
export class Messages {
  #notice = make("p", { className: "notice", role: "status" });
  #problem = make("p", { className: "problem", role: "alert" });

  /** @param {HTMLElement} place empty; it must be in the page before the first message, or readers miss that one */
  constructor(place) {
    place.append(this.#notice, this.#problem);
  }

  /** @param {...(string | Node)} content */
  tell(...content) {
    this.#problem.replaceChildren();
    this.#notice.replaceChildren(...content);
  }

  /** @param {string} text */
  complain(text) {
    this.#notice.replaceChildren();
    this.#problem.replaceChildren(text);
  }

  /**
   * Shows what went wrong.
   * @param {unknown} error is thrown again when it is not the server's refusal but a defect
   */
  complainOf(error) {
    this.complain(error instanceof RequestError ? error.message : "Something went wrong on this page");
    if (!(error instanceof RequestError)) throw error;
  }

  /**
   * Runs work for a button that was pressed, and shows what went wrong. Until it is done, pressing again has no effect;
   * the button keeps the focus meanwhile, which a disabled one would lose.
   * @param {HTMLButtonElement} button
   * @param {() => Promise<void>} work
   */
  async runFor(button, work) {
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    this.tell();
    try {
      await work();
    } catch (error) {
      this.complainOf(error);
    } finally {
      button.ariaDisabled = null;
    }
  }
}
