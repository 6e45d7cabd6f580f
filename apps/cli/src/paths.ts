import { fileURLToPath } from "node:url";

/** The checkout this command belongs to; the same from `src` and from `dist`. */
export const repositoryDirectory = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** The built pages. */
export const webRoot = fileURLToPath(new URL("../../web/dist", import.meta.url));
