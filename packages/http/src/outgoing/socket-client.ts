/** What needs the library for sockets, in one place that is loaded with the first request. */
export { request } from "undici";
export { openAgent } from "./agents.ts";
