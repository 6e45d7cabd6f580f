import { element } from "./dom.js";
import { sessionToken } from "./session.js";

const isLoggedIn = sessionToken() !== null;
element("log-in", HTMLAnchorElement).hidden = isLoggedIn;
element("start", HTMLAnchorElement).hidden = isLoggedIn;
element("documents", HTMLAnchorElement).hidden = !isLoggedIn;
