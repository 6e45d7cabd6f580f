/** The session of this tab. Its token lives as long as the tab does; other tabs have their own. */

const tokenKey = "tatou.token";
const returnKey = "tatou.return";
const loginPath = "/login.html";

/** What the address of the login page says when a session ended by itself. */
const endedHash = "#ended";

let isLeaving = false;

/** @returns {string | null} the bearer token of this tab */
export function sessionToken() {
  return sessionStorage.getItem(tokenKey);
}

/**
 * Keeps the token and goes to where the last session ended by itself, else to the documents.
 * @param {string} token
 */
export function beginSession(token) {
  const path = sessionStorage.getItem(returnKey) ?? "/documents.html";
  sessionStorage.removeItem(returnKey);
  sessionStorage.setItem(tokenKey, token);
  location.assign(path);
}

/** The user has had enough: forgets everything and goes to the login page. */
export function endSession() {
  sessionStorage.removeItem(returnKey);
  sessionStorage.removeItem(tokenKey);
  location.replace(loginPath);
}

/**
 * There is no valid token: goes to the login page, from which the next session comes back to this page. The first call
 * decides, as requests of one page are refused together.
 */
export function resumeLater() {
  if (isLeaving) return;
  isLeaving = true;
  const hadToken = sessionToken() !== null;
  sessionStorage.setItem(returnKey, location.pathname + location.search);
  sessionStorage.removeItem(tokenKey);
  location.replace(hadToken ? loginPath + endedHash : loginPath);
}

/** @returns {boolean} whether this is the login page, and a session that ended by itself led to it */
export function hasSessionEnded() {
  return location.hash === endedHash;
}
