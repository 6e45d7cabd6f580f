import { element, formTexts, postJson, runFor, submitButton } from "./client.js";
import { logIn } from "./session.js";

const form = element("form", HTMLFormElement);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { email = "", login = "", password = "" } = formTexts(form);
  void runFor(submitButton(form), async () => {
    await postJson("/api/create-user", { email, login, password });
    await logIn(email, password);
  });
});
