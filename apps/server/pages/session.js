import { postJson, setSessionToken } from "./client.js";

/**
 * Logs in and goes to the documents.
 * @param {string} email
 * @param {string} password
 */
export async function logIn(email, password) {
  const answer = /** @type {{ token: string }} */ (await postJson("/api/login", { email, password }));
  setSessionToken(answer.token);
  location.assign("/documents.html");
}
