/** Elements and forms. Text from outside becomes text: nothing here reads markup. */

/**
 * An element that the page has.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no ${type.name} #${id}`);
  return found;
}

/**
 * A new element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<Omit<HTMLElementTagNameMap[K], "innerHTML" | "outerHTML">>} [properties]
 * @param {...(string | Node)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/**
 * The texts of a form's fields.
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
export function formTexts(form) {
  const entries = [...new FormData(form)].map(([name, value]) => [name, typeof value === "string" ? value : ""]);
  return Object.fromEntries(entries);
}

/**
 * Calls back when the form is sent, with the button that sends it, instead of loading another page. Until then the
 * button is disabled, else a form that is sent too early would put its fields into the address.
 * @param {HTMLFormElement} form
 * @param {(button: HTMLButtonElement) => unknown} onSubmit
 */
export function whenSent(form, onSubmit) {
  const button = form.querySelector("button[type=submit]");
  if (!(button instanceof HTMLButtonElement)) throw new Error("The form has no button that sends it");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onSubmit(button);
  });
  button.disabled = false;
}
