/** Buttons that show what was typed into a field: a key that nobody can read again must not hold a slip. */
import { element } from "./dom.js";

/** Makes every button with `data-reveals="<id of a field>"` work. */
export function startRevealButtons() {
  for (const button of document.querySelectorAll("button[data-reveals]")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    const field = element(button.dataset["reveals"] ?? "", HTMLInputElement);
    button.addEventListener("click", () => {
      const isShown = field.type === "text";
      field.type = isShown ? "password" : "text";
      button.ariaPressed = String(!isShown);
    });
  }
}
