import { existsSync } from "node:fs";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { assetSecurityPolicy } from "./security-policy.ts";

/** Vite puts a hash of the content into the names below this folder, so they never change. */
const hashedFolder = "/assets/";
const yearMs = 365 * 24 * 3600 * 1000;

/**
 * Serves the files of the web root under their own paths, .br and .gz beside them preferred. Pages are left out: they
 * carry a nonce and go through `sendPage`. One route per file that is there now, so an app's own paths stay free.
 */
export function serveStaticFiles(door: FastifyInstance, webRoot: string): void {
  if (!existsSync(webRoot)) return;
  door.register(fastifyStatic, {
    root: webRoot,
    wildcard: false,
    globIgnore: ["**/*.html", "**/*.html.*", "**/*.br", "**/*.gz", "**/*.map"],
    index: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      const isHashed = path.replaceAll("\\", "/").includes(hashedFolder);
      void reply.headers({
        "cache-control": isHashed ? `public, max-age=${yearMs / 1000}, immutable` : "no-cache",
        "content-security-policy": assetSecurityPolicy,
      });
    },
  });
}
