import { createUser, logIn } from "./api.js";
import { element, formTexts, whenSent } from "./dom.js";
import { Messages } from "./messages.js";
import { startRevealButtons } from "./reveal.js";
import { beginSession } from "./session.js";

const form = element("form", HTMLFormElement);
const messages = new Messages(element("messages", HTMLDivElement));

startRevealButtons();
whenSent(form, (button) =>
  messages.runFor(button, async () => {
    const { email = "", login = "", password = "" } = formTexts(form);
    await createUser({ email, login, password });
    beginSession(await logIn({ email, password }));
  }),
);
