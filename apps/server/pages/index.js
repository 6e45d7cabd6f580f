import { element, sessionToken } from "./client.js";

const isLoggedIn = sessionToken() !== null;
element("log-in", HTMLAnchorElement).hidden = isLoggedIn;
element("documents", HTMLAnchorElement).hidden = !isLoggedIn;
