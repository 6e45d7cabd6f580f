/** What every page behind the login has: a session, and the way out of it. */
import { logOut } from "./api.js";
import { element } from "./dom.js";
import { Messages } from "./messages.js";
import { endSession, resumeLater, sessionToken } from "./session.js";

/** Where the page tells about what was done on it. */
export const messages = new Messages(element("messages", HTMLDivElement));

const logOutButton = element("log-out", HTMLButtonElement);
logOutButton.addEventListener("click", () => {
  void messages.runFor(logOutButton, async () => {
    await logOut();
    endSession();
  });
});
logOutButton.disabled = false;

// "Back" after logging out would show the page as it was.
addEventListener("pageshow", () => {
  if (sessionToken() === null) resumeLater();
});

/**
 * Draws the page's first state if there is a session; else the login page is on its way.
 * @param {() => Promise<void>} draw
 */
export async function showPage(draw) {
  if (sessionToken() === null) return;
  try {
    await draw();
  } catch (error) {
    messages.complainOf(error);
  }
}
