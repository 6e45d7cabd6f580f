import { logIn } from "./api.js";
import { element, formTexts, whenSent } from "./dom.js";
import { Messages } from "./messages.js";
import { beginSession, hasSessionEnded } from "./session.js";

const form = element("form", HTMLFormElement);
const messages = new Messages(element("messages", HTMLDivElement));

if (hasSessionEnded()) messages.tell("Your session has ended. Log in to go on where you were.");

whenSent(form, (button) =>
  messages.runFor(button, async () => {
    const { email = "", password = "" } = formTexts(form);
    beginSession(await logIn({ email, password }));
  }),
);
