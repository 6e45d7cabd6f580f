import { element, formTexts, runFor, submitButton } from "./client.js";
import { logIn } from "./session.js";

const form = element("form", HTMLFormElement);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { email = "", password = "" } = formTexts(form);
  void runFor(submitButton(form), () => logIn(email, password));
});
